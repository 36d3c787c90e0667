import JalonSchema

/// Numbers, days and codes as the page shows them.
struct Format {
    let language: Language

    /// A decimal text with its digits in groups: `9 500`, `0,25` in French.
    func number(_ text: String) -> String {
        let words = WrittenForm.number(text)
        return language.pick(words.zh, words.en, words.fr)
    }

    func number(_ value: some FixedWidthInteger) -> String { number(String(value)) }

    /// Parts per million as a percentage with one decimal, cut and not rounded: 721 007 is `72.1 %`.
    func percent(_ partsPerMillion: Int) -> String {
        let tenths = partsPerMillion.magnitude / 1_000
        return number("\(partsPerMillion < 0 ? "-" : "")\(tenths / 10).\(tenths % 10)") + "\u{202F}%"
    }

    /// A day in words; text that is no day as it stands.
    func day(_ text: String) -> String {
        let words = WrittenForm.day(text)
        return language.pick(words.zh, words.en, words.fr)
    }

    /// A deadline as it was promised: "end 2022" for a year.
    func deadline(_ date: API.CalendarDate) -> String {
        let year = String(date.date.prefix(4))
        let text =
            date.precision == "year"
            ? language.pick("\(year)年底前", "by end \(year)", "d’ici fin \(year)")
            : language.pick("\(day(date.date))前", "by \(day(date.date))", "d’ici le \(day(date.date))")
        guard date.basis == "inferred" else { return text }
        return text + language.pick("（推断）", " (inferred)", " (déduit)")
    }

    /// A length of time, roughly.
    func age(milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000
        switch seconds {
        case ..<120: return language.pick("\(seconds)秒前", "\(seconds) s ago", "il y a \(seconds) s")
        case ..<7_200:
            return language.pick(
                "\(seconds / 60)分钟前",
                "\(seconds / 60) min ago",
                "il y a \(seconds / 60) min"
            )
        case ..<172_800:
            return language.pick(
                "\(seconds / 3_600)小时前",
                "\(seconds / 3_600) h ago",
                "il y a \(seconds / 3_600) h"
            )
        default:
            let days = seconds / 86_400
            return language.pick("\(days)天前", "\(days) days ago", "il y a \(days) jours")
        }
    }

    /// A region with its code and its Chinese name, always: CN-HE (Hebei) and CN-HB (Hubei) differ by a letter.
    func region(_ region: API.Name) -> HTML {
        guard let name = region.name else { return "<code>\(region.code)</code>" }
        let hanzi: HTML = "<span lang=\"zh-Hans\">\(name.zh)</span> <code>\(region.code)</code>"
        return language == .zh ? hanzi : "\(hanzi) \(language.show(name))"
    }

    func name(_ name: API.Name) -> HTML {
        if let text = name.name { language.show(text) } else { "\(name.code)" }
    }

    /// A name where no markup can stand.
    func plainName(_ name: API.Name) -> String {
        name.name.map(plain) ?? name.code
    }

    /// A text in the page's language where no markup can stand; in Chinese where it is not given.
    func plain(_ text: API.LocalizedText) -> String {
        switch language {
        case .zh: text.zh
        case .en: text.en ?? text.zh
        case .fr: text.fr ?? text.zh
        }
    }

    /// A target in words.
    func target(_ target: API.Target, unit: API.Name) -> HTML {
        let unitName = name(unit)
        let value = number(target.value ?? "?")
        switch target.op {
        case .ge: return "\(language.pick("不少于", "at least", "au moins")) \(value) \(unitName)"
        case .gt: return "\(language.pick("超过", "more than", "plus de")) \(value) \(unitName)"
        case .le: return "\(language.pick("不超过", "at most", "au plus")) \(value) \(unitName)"
        case .lt: return "\(language.pick("少于", "less than", "moins de")) \(value) \(unitName)"
        case .approx:
            let tolerance = target.tolerance.flatMap { $0 == "0" ? nil : " ± \(number($0))" } ?? ""
            return "\(language.pick("约", "about", "environ")) \(value)\(tolerance) \(unitName)"
        case .range:
            let range = "\(number(target.min ?? "?"))–\(number(target.max ?? "?"))"
            return target.sense == "corridor"
                ? "\(language.pick("保持在", "within", "entre")) \(range) \(unitName)" : "\(range) \(unitName)"
        case .checklist: return "\(items(required: target.required ?? 0, of: target.items?.count ?? 0))"
        case .level:
            let required = target.required ?? 0
            let level: HTML = "\(language.pick("等级", "level", "niveau")) \(required)"
            guard let name = target.levels?.first(where: { $0.id == required })?.name else { return level }
            return "\(level)\(language.pick("：", ": ", " : "))\(language.show(name))"
        }
    }

    // MARK: - Items of a checklist

    /// "all 3 items", "at least 2 of 3 items".
    private func items(required: Int, of count: Int) -> String {
        guard required >= count else {
            return language.pick(
                "\(count) 项中至少 \(required) 项",
                "at least \(required) of \(count) items",
                "au moins \(required) \(required < 2 ? "point" : "points") sur \(count)"
            )
        }
        return count == 1
            ? language.pick("1 项", "1 item", "1 point")
            : language.pick("全部 \(count) 项", "all \(count) items", "les \(count) points")
    }

    /// "2 of 3 items done"; without the whole where that is not known.
    func items(_ done: Int, of count: Int?) -> String {
        guard let count else {
            return language.pick(
                "完成 \(done) 项",
                "\(done) \(done == 1 ? "item" : "items") done",
                "\(done) \(done < 2 ? "point fait" : "points faits")"
            )
        }
        return language.pick(
            "\(count) 项中完成 \(done) 项",
            "\(done) of \(count) \(count == 1 ? "item" : "items") done",
            "\(done) \(done < 2 ? "point fait" : "points faits") sur \(count)"
        )
    }
}
