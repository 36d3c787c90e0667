extension API {
    /// What is measured.
    package struct Indicator: Codable, Hashable, Sendable {
        /// For example `ENT_ONCHAIN`; targets of different codes are never added up.
        package var code: String
        package var unit: Name
        /// Decimals that a value may have.
        package var scale: Int
        /// `count`, `amount`, `percent`, `index`, `ordinal`, `checklist` or `qualitative`.
        package var measure: String
        /// `cumulative`, `flow` or `stock`.
        package var accumulation: String
        /// `up`, `down` or `maintain`.
        package var direction: String
        package var method: LocalizedText?

        package init(
            code: String,
            unit: Name,
            scale: Int,
            measure: String,
            accumulation: String,
            direction: String,
            method: LocalizedText? = nil
        ) {
            self.code = code
            self.unit = unit
            self.scale = scale
            self.measure = measure
            self.accumulation = accumulation
            self.direction = direction
            self.method = method
        }
    }

    /// An item of a checklist.
    package struct TargetItem: Codable, Hashable, Sendable {
        package var id: String
        package var name: LocalizedText
        /// As of the latest effective milestone.
        package var isDone: Bool?

        package init(id: String, name: LocalizedText, isDone: Bool? = nil) {
            self.id = id
            self.name = name
            self.isDone = isDone
        }
    }

    /// A level of a rubric.
    package struct TargetLevel: Codable, Hashable, Sendable {
        package var id: Int
        package var name: LocalizedText
        /// The day by which it is expected.
        package var due: String?

        package init(id: Int, name: LocalizedText, due: String? = nil) {
            self.id = id
            self.name = name
            self.due = due
        }
    }

    /// How a target is read.
    package enum Operator: String, Codable, CaseIterable, Hashable, Sendable {
        /// At least `value`.
        case ge
        /// More than `value`.
        case gt
        /// At most `value`.
        case le
        /// Less than `value`.
        case lt
        /// `value` ± `tolerance`.
        case approx
        /// From `min` to `max`, in the sense of `sense`.
        case range
        /// `required` of `items`.
        case checklist
        /// Level `required` of `levels`.
        case level
    }

    /// What is promised.
    package struct Target: Codable, Hashable, Sendable {
        package var op: Operator
        package var value: String?
        package var tolerance: String?
        package var min: String?
        package var max: String?
        /// `threshold` (met at `min`) or `corridor` (stay inside).
        package var sense: String?
        package var items: [TargetItem]?
        package var levels: [TargetLevel]?
        /// Items or level.
        package var required: Int?

        package init(
            op: Operator,
            value: String? = nil,
            tolerance: String? = nil,
            min: String? = nil,
            max: String? = nil,
            sense: String? = nil,
            items: [TargetItem]? = nil,
            levels: [TargetLevel]? = nil,
            required: Int? = nil
        ) {
            self.op = op
            self.value = value
            self.tolerance = tolerance
            self.min = min
            self.max = max
            self.sense = sense
            self.items = items
            self.levels = levels
            self.required = required
        }
    }

    /// A value expected at a day.
    package struct Point: Codable, Hashable, Sendable {
        package var date: String
        package var value: String

        package init(date: String, value: String) {
            self.date = date
            self.value = value
        }
    }
}
