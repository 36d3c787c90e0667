import JalonModel
import JalonState

extension Scenario {
    /// Members that come, go and change their keys.
    static let onMembers: [Scenario] = [
        Scenario("one validator becomes four, seven, and four again") { make throws(Finding) in
            var laboratory = make(1) { $0.joinerCount = 6 }
            try laboratory.makeFinal(at: 0)
            try laboratory.admit([1, 2, 3], by: [0])
            try laboratory.waitForValidators(4)
            try laboratory.waitForTip(Array(0..<4))
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
            try laboratory.admit([4, 5, 6], by: [0, 1, 2, 3])
            try laboratory.waitForValidators(7)
            try laboratory.waitForTip(Array(0..<7))
            for node in 0..<7 { try laboratory.makeFinal(at: node) }
            try laboratory.remove([0, 3, 5], by: [1, 2, 4, 6, 0, 3, 5])
            try laboratory.waitForValidators(4)
            try laboratory.expect(
                laboratory.validators.sorted() == [1, 2, 4, 6],
                "S9",
                "validators \(laboratory.validators)"
            )
            for node in [1, 2, 4, 6] { try laboratory.makeFinal(at: node) }
            try laboratory.waitForTip(Array(0..<7))
        },
        Scenario("the validator that leads is removed, again and again") { make throws(Finding) in
            var laboratory = make(7)
            for _ in 0..<3 {
                let view = laboratory.validators.map { laboratory.world.view(of: $0) }.max() ?? View(1)
                let leader = laboratory.world.oracle.epochs.last.leader(of: view)
                let others = laboratory.validators.filter { $0 != leader }
                let count = laboratory.validators.count
                try laboratory.remove([leader], by: others)
                try laboratory.waitForValidators(count - 1)
                for node in others { try laboratory.makeFinal(at: node) }
            }
        },
        Scenario("members that never start their nodes stop nobody, and leave again") {
            make throws(Finding) in
            var laboratory = make(4) { $0.joinerCount = 4 }
            // Of 5 validators the 4 that run are a quorum, of 6 and more they are none.
            try laboratory.admit([4, 5, 6, 7], by: [0, 1, 2, 3], starting: [])
            try laboratory.waitForValidators(5)
            laboratory.run(milliseconds: 8_000)
            for node in 0..<4 { try laboratory.makeFinal(at: node, limit: 5_000) }
            let height = laboratory.world.finalHeight
            laboratory.run(milliseconds: 60_000)
            try laboratory.expect(laboratory.world.finalHeight == height, "L3", "blocks without work")
            let seated = laboratory.validators.filter { $0 > 3 }
            let waiting = [4, 5, 6, 7].filter { !seated.contains($0) }
            // They have no seat yet, so they are gone at once.
            try laboratory.remove(waiting, by: [0, 1, 2, 3])
            try laboratory.expect(
                laboratory.finalState.pendingChanges.isEmpty,
                "S9",
                "\(laboratory.finalState.pendingChanges.count) changes wait"
            )
            try laboratory.remove(seated, by: [0, 1, 2, 3])
            try laboratory.waitForValidators(4)
            try laboratory.makeFinal(at: 2)
        },
        Scenario("a validator's key changes while it is cut off") { make throws(Finding) in
            var laboratory = make(4)
            try laboratory.makeFinal(at: 0)
            laboratory.world.block([3], isOneWay: false, true)
            try laboratory.rotate(3, at: 0)
            try laboratory.waitForEpoch(1)
            for node in 0..<3 { try laboratory.makeFinal(at: node) }
            laboratory.world.block([3], isOneWay: false, false)
            try laboratory.waitForTip([3])
            // Now its vote with the new key is needed.
            laboratory.world.crash(0)
            for node in 1..<4 { try laboratory.makeFinal(at: node) }
        },
        Scenario("who slept through two epochs catches up and votes") { make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.crash(3)
            for node in [0, 1] {
                let epoch = laboratory.epoch.value
                try laboratory.rotate(node)
                try laboratory.waitForEpoch(epoch + 1)
                try laboratory.makeFinal(at: node)
            }
            laboratory.world.restart(3, after: .milliseconds(10))
            try laboratory.waitForTip([3])
            laboratory.world.crash(1)
            for node in [0, 2, 3] { try laboratory.makeFinal(at: node) }
        },
        Scenario("who was removed while it slept follows, and votes no more") { make throws(Finding) in
            var laboratory = make(7)
            laboratory.world.crash(6)
            try laboratory.remove([6], by: [0, 1, 2, 3, 4, 5])
            try laboratory.waitForValidators(6)
            laboratory.world.restart(6, after: .milliseconds(10))
            for node in 0..<6 { try laboratory.makeFinal(at: node) }
            try laboratory.waitForTip([6])
        },
        Scenario("a suspended member's node goes on sealing, and its word counts again once reinstated") {
            make throws(Finding) in
            var laboratory = make(4)
            let member = laboratory.world.membership.members[1].id
            try laboratory.decide(.suspend(member), by: [0, 2, 3])
            laboratory.world.crash(0)
            for node in [2, 3] { try laboratory.makeFinal(at: node) }
            laboratory.world.restart(0, after: .milliseconds(10))
            laboratory.run(milliseconds: 2_000)
            try laboratory.decide(.reinstate(member), by: [0, 2, 3])
            try laboratory.makeFinal(at: 1)
        },
    ]

    /// More members than fit a build that is not optimized.
    static let onManyMembers: [Scenario] = [
        Scenario("four validators become thirty-four, and four again") { make throws(Finding) in
            var laboratory = make(4) { $0.joinerCount = 30 }
            try laboratory.admit(Array(4..<34), by: [0, 1, 2, 3])
            try laboratory.waitForValidators(34)
            try laboratory.waitForTip(Array(0..<34))
            for node in [0, 17, 33] { try laboratory.makeFinal(at: node) }
            try laboratory.remove(Array(4..<33), by: Array(0..<4) + Array(5..<30))
            try laboratory.waitForValidators(5)
            try laboratory.remove([33], by: [0, 1, 2, 3])
            try laboratory.waitForValidators(4)
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
        }
    ]
}
