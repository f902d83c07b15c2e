/// Which objects to fetch before their rows' turn, and which to forget.
///
/// A value: the rows that are to come, the space that is left and the time come in, and what to do comes out. What it
/// decides changes when an object is fetched, never what a row's record is.
package struct FetchPlan<Object: Hashable & Sendable>: Sendable {
    /// How much may be fetched ahead.
    package struct Limits: Hashable, Sendable {
        /// Fetches under way, of all sources together.
        package var fetchesMax = 16
        /// Bytes that wait for their rows.
        package var bytesMax: Int

        package init(bytesMax: Int) { self.bytesMax = bytesMax }
    }

    private let limits: Limits
    private let source: @Sendable (Object) -> String
    /// What is to come, each once, in the order in which rows take it.
    private var upcoming: [Object] = []
    /// Of those, what has been begun.
    private var begun: Set<Object> = []
    private var running: Set<Object> = []
    /// How many of those are of each source.
    private var runningOfSource: [String: Int] = [:]
    /// What was begun and is not to come any longer, and since when: a row has it now, or it went to another worker.
    private var departed: [Object: Int] = [:]
    /// Of the objects that came; what the next one is expected to take.
    private var usualBytes = 0

    /// A row that was taken asks for its object in less than this; one that went elsewhere never does.
    private static var departedMilliseconds: Int { 20_000 }

    /// - Parameter source: whom an object is asked of.
    package init(_ limits: Limits, source: @escaping @Sendable (Object) -> String) {
        self.limits = limits
        self.source = source
    }

    /// What is being fetched.
    package var fetching: Set<Object> { running }

    /// These rows are to come.
    ///
    /// - Parameters:
    ///   - objects: of the rows in their order; rows that ask for nothing left out.
    ///   - now: in milliseconds of a clock that never jumps.
    package mutating func see(_ objects: [Object], at now: Int) {
        var seen: Set<Object> = []
        upcoming = objects.filter { seen.insert($0).inserted }
        for object in begun where !seen.contains(object) {
            begun.remove(object)
            departed[object] = now
        }
        // The rows came back.
        for object in upcoming where departed.removeValue(forKey: object) != nil {
            begun.insert(object)
        }
    }

    /// The object to fetch now; nil for none.
    ///
    /// - Parameters:
    ///   - bytesAhead: what waits for its rows, of the objects under way what has come of them.
    ///   - fetchesOfSource: how many fetches ahead a source may be given at one time.
    package mutating func next(bytesAhead: Int, fetchesOfSource: (String) -> Int) -> Object? {
        guard running.count < limits.fetchesMax,
            bytesAhead + (running.count + 1) * usualBytes <= limits.bytesMax,
            let object = upcoming.first(where: { object in
                guard !begun.contains(object) else { return false }
                let source = source(object)
                return runningOfSource[source] ?? 0 < fetchesOfSource(source)
            })
        else { return nil }
        begun.insert(object)
        running.insert(object)
        runningOfSource[source(object), default: 0] += 1
        return object
    }

    /// A fetch has ended, however.
    package mutating func ended(_ object: Object, byteCount: Int?) {
        guard running.remove(object) != nil else { return }
        let source = source(object)
        let left = (runningOfSource[source] ?? 1) - 1
        runningOfSource[source] = left > 0 ? left : nil
        guard let byteCount else { return }
        usualBytes = usualBytes == 0 ? byteCount : (7 * usualBytes + byteCount) / 8
    }

    /// What nobody will ask for any more: to be forgotten.
    package mutating func stale(at now: Int) -> [Object] {
        let stale = departed.filter { now - $0.value >= Self.departedMilliseconds }
        for object in stale.keys { departed[object] = nil }
        return Array(stale.keys)
    }
}
