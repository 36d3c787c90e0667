import JalonModel

/// The views of which anything is held, ascending.
///
/// An array: there are a few of them, looked up many times after every event, and mostly the last ones.
struct ViewTable: Sendable {
    private var views: [View] = []
    private var states: [ViewState] = []

    var count: Int { views.count }

    /// The views, ascending.
    var keys: [View] { views }

    /// What is held of each, in the order of ``keys``.
    var values: [ViewState] { states }

    /// - Complexity: O(log n); O(1) for the last ones.
    subscript(view: View) -> ViewState? {
        let place = firstPlace(notBefore: view)
        return place < views.count && views[place] == view ? states[place] : nil
    }

    /// The state of a view, to be changed; it is made where there is none.
    ///
    /// - Complexity: O(log n), and O(n) for a view that is new and not the last.
    subscript(view: View, default state: @autoclosure () -> ViewState) -> ViewState {
        get { self[view] ?? state() }
        _modify {
            let place = firstPlace(notBefore: view)
            if place == views.count || views[place] != view {
                views.insert(view, at: place)
                states.insert(state(), at: place)
            }
            yield &states[place]
        }
    }

    /// Lets go of all views before one.
    mutating func removeAll(before view: View) {
        let place = firstPlace(notBefore: view)
        guard place > 0 else { return }
        views.removeFirst(place)
        states.removeFirst(place)
    }

    private func firstPlace(notBefore view: View) -> Int {
        var (low, high) = (0, views.count)
        // The current view and the one before are asked for most.
        if high > 0, views[high - 1] <= view { low = views[high - 1] == view ? high - 1 : high }
        if low == 0, high > 1, views[high - 2] <= view {
            return views[high - 2] == view ? high - 2 : high - 1
        }
        while low < high {
            let middle = (low + high) / 2
            if views[middle] < view { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
