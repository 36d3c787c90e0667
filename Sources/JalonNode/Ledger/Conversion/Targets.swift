import JalonModel
import JalonSchema

extension API.Indicator {
    init(_ indicator: Indicator, names: LedgerNames) {
        self.init(
            code: indicator.code.text,
            unit: names.unit(indicator.unit),
            scale: indicator.scale,
            measure: indicator.measure.rawValue,
            accumulation: indicator.accumulation.rawValue,
            direction: indicator.direction.rawValue,
            method: indicator.method.map { API.LocalizedText($0) }
        )
    }
}

extension API.Target {
    /// `done` are the items done as of the latest effective milestone; `nil` where there is none.
    init(_ target: Target, done: [ItemID]? = nil) {
        switch target {
        case .bound(let comparison, let value):
            self.init(op: API.Operator(comparison), value: value.description)
        case .approx(let value, let tolerance):
            self.init(op: .approx, value: value.description, tolerance: tolerance.description)
        case .range(let min, let max, let sense):
            self.init(op: .range, min: min.description, max: max.description, sense: sense.rawValue)
        case .checklist(let items, let required):
            self.init(
                op: .checklist,
                items: items.map { item in
                    API.TargetItem(
                        id: item.id.text,
                        name: API.LocalizedText(item.name),
                        isDone: done.map { $0.contains(item.id) }
                    )
                },
                required: required
            )
        case .level(let levels, let required):
            self.init(
                op: .level,
                levels: levels.map {
                    API.TargetLevel(id: $0.id, name: API.LocalizedText($0.name), due: $0.due?.description)
                },
                required: required
            )
        }
    }
}

extension API.Operator {
    fileprivate init(_ comparison: Comparison) {
        switch comparison {
        case .ge: self = .ge
        case .gt: self = .gt
        case .le: self = .le
        case .lt: self = .lt
        }
    }
}
