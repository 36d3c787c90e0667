/// What a parameter of the network is called, and its value with its unit.
struct ParameterWords {
    /// Empty for a parameter that this program does not know.
    let name: String
    let value: String

    private enum Kind {
        case ratio, milliseconds, bytes, count, minutes, day, text
    }

    init(_ name: String, _ text: String, _ layout: Layout) {
        let (language, format) = (layout.language, layout.format)
        guard let words = ParameterWords.all[name] else {
            (self.name, value) = ("", text)
            return
        }
        self.name = language.pick(words.zh, words.en, words.fr)
        switch words.kind {
        case .ratio: value = Int(text).map(format.percent) ?? text
        case .milliseconds: value = UInt64(text).map { ParameterWords.duration($0, layout) } ?? text
        case .bytes: value = "\(format.number(text)) \(language.pick("字节", "bytes", "octets"))"
        case .count: value = format.number(text)
        case .minutes: value = "\(format.number(text)) min"
        case .day: value = format.day(text)
        case .text: value = TransactionWords.value(text, of: name, in: language)
        }
    }

    /// In the largest unit that leaves no rest.
    private static func duration(_ milliseconds: UInt64, _ layout: Layout) -> String {
        let (language, format) = (layout.language, layout.format)
        let units: [(size: UInt64, zh: String, en: String, fr: String)] = [
            (86_400_000, "天", "d", "j"), (3_600_000, "小时", "h", "h"), (60_000, "分钟", "min", "min"),
            (1_000, "秒", "s", "s"), (1, "毫秒", "ms", "ms"),
        ]
        guard let unit = units.first(where: { milliseconds > 0 && milliseconds.isMultiple(of: $0.size) })
        else {
            return "0"
        }
        let name = language.pick(unit.zh, unit.en, unit.fr)
        return "\(format.number(milliseconds / unit.size))\u{202F}\(name)"
    }

    private static let all: [String: (kind: Kind, zh: String, en: String, fr: String)] = [
        "activation": (.text, "承诺如何生效", "How commitments come into force", "Mise en vigueur des engagements"),
        "atRisk": (.ratio, "有风险的起点", "At risk from", "À risque dès"),
        "delta": (.milliseconds, "消息到达时间 Δ", "Time for a message, Δ", "Temps d’un message, Δ"),
        "heartbeat": (.milliseconds, "最长无区块时间", "A block at least every", "Un bloc au moins tous les"),
        "maxBlockBytes": (.bytes, "区块上限", "The largest block", "Le plus gros bloc"),
        "maxBlockTransactions": (.count, "每区块交易上限", "Transactions of a block", "Transactions par bloc"),
        "maxLifetime": (
            .milliseconds, "交易有效期上限", "The longest life of a transaction",
            "Durée de vie maximale d’une transaction"
        ),
        "maxSkew": (.milliseconds, "时钟偏差上限", "Clock skew tolerated", "Écart d’horloge toléré"),
        "minimumBlockInterval": (.milliseconds, "区块最短间隔", "Time between blocks", "Intervalle entre blocs"),
        "minimumValidators": (.count, "验证成员下限", "The fewest validators", "Validateurs au minimum"),
        "onTrack": (.ratio, "按期的起点", "On track from", "Dans les temps dès"),
        "recoveryDelay": (.milliseconds, "恢复密钥的等待期", "A recovered key waits", "Attente d’une clé récupérée"),
        "replayWindowLimit": (
            .count, "防重放窗口", "Transactions remembered against replay",
            "Transactions mémorisées contre le rejeu"
        ),
        "statusDate": (.day, "状态评估日", "Statuses are judged at", "États évalués au"),
        "timeoutCap": (
            .milliseconds, "最长等待提议者", "The longest wait for a leader", "Attente maximale d’un proposeur"
        ),
        "utcOffset": (.minutes, "相对 UTC 的偏移", "Offset from UTC", "Décalage UTC"),
    ]
}
