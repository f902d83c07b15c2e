/// Large values by their numbers, changed in place.
///
/// A dictionary moves a value out and back in for every change of one field. That is most of the work
/// where a field changes for every row.
package struct NumberedTable<Value: Sendable>: Sendable {
    private var places: [Int: Int] = [:]
    /// Nil where a value was removed.
    private var stored: ContiguousArray<Value?> = []
    private var free: [Int] = []

    package init() {}

    package var count: Int { places.count }
    package var isEmpty: Bool { places.isEmpty }

    /// In no order.
    package var numbers: some Collection<Int> { places.keys }

    /// In no order that means anything.
    package var values: some Sequence<Value> { stored.lazy.compactMap(\.self) }

    package subscript(number: Int) -> Value? {
        @inline(__always) get {
            if let place = places[number] { stored[place] } else { nil }
        }
        @inline(__always) _modify {
            if let place = places[number] {
                yield &stored[place]
                if stored[place] == nil { vacate(place, of: number) }
            } else {
                var value: Value?
                yield &value
                if let value { add(value, number) }
            }
        }
    }

    package mutating func removeValue(forKey number: Int) -> Value? {
        guard let place = places[number] else { return nil }
        let value = stored[place]
        vacate(place, of: number)
        return value
    }

    package mutating func removeAll() { self = NumberedTable() }

    private mutating func add(_ value: Value, _ number: Int) {
        if let place = free.popLast() {
            places[number] = place
            stored[place] = value
        } else {
            places[number] = stored.count
            stored.append(value)
        }
    }

    private mutating func vacate(_ place: Int, of number: Int) {
        places[number] = nil
        stored[place] = nil
        free.append(place)
    }
}
