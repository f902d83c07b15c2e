/// The best of a frame's candidates, in order.
///
/// A candidate of a lower number comes first where scores are equal, so that the order is one and the same
/// whatever way it is found.
enum Ranking {
    private typealias Ranked = BeamSearch.Ranked

    @inline(__always)
    private static func precedes(_ one: Ranked, _ other: Ranked) -> Bool {
        one.score > other.score || one.score == other.score && one.candidate < other.candidate
    }

    /// Leaves the best `count` of `ranked`, best first.
    static func sort(
        _ ranked: Pool<BeamSearch.Ranked>, keeping count: Int, scratch: Pool<BeamSearch.Ranked>
    ) {
        if ranked.count > count {
            select(ranked.base, ranked.count, count)
            ranked.count = count
        }
        scratch.count = 0
        scratch.reserve(ranked.count)
        mergeSort(ranked.base, ranked.count, scratch.base)
    }

    /// Moves the best `wanted` to the front, in any order.
    private static func select(
        _ values: UnsafeMutablePointer<BeamSearch.Ranked>, _ count: Int, _ wanted: Int
    ) {
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = median(values[low], values[low + (high - low) / 2], values[high])
            var (left, right) = (low, high)
            while left <= right {
                while precedes(values[left], pivot) { left += 1 }
                while precedes(pivot, values[right]) { right -= 1 }
                if left <= right {
                    let moved = values[left]
                    values[left] = values[right]
                    values[right] = moved
                    left += 1
                    right -= 1
                }
            }
            if wanted - 1 <= right {
                high = right
            } else if wanted - 1 >= left {
                low = left
            } else {
                return
            }
        }
    }

    @inline(__always)
    private static func median(_ a: Ranked, _ b: Ranked, _ c: Ranked) -> Ranked {
        if precedes(a, b) { return precedes(b, c) ? b : precedes(a, c) ? c : a }
        return precedes(a, c) ? a : precedes(b, c) ? c : b
    }

    /// Runs of eight by insertion, then merged in pairs.
    private static func mergeSort(
        _ values: UnsafeMutablePointer<BeamSearch.Ranked>, _ count: Int,
        _ scratch: UnsafeMutablePointer<BeamSearch.Ranked>
    ) {
        let run = 8
        for start in stride(from: 0, to: count, by: run) {
            for position in start + 1..<max(start + 1, min(start + run, count)) {
                let moved = values[position]
                var place = position
                while place > start, precedes(moved, values[place - 1]) {
                    values[place] = values[place - 1]
                    place -= 1
                }
                values[place] = moved
            }
        }
        var (from, to, width) = (values, scratch, run)
        while width < count {
            for start in stride(from: 0, to: count, by: 2 * width) {
                let (middle, end) = (min(start + width, count), min(start + 2 * width, count))
                var (left, right) = (start, middle)
                for place in start..<end {
                    if left < middle, right >= end || !precedes(from[right], from[left]) {
                        to[place] = from[left]
                        left += 1
                    } else {
                        to[place] = from[right]
                        right += 1
                    }
                }
            }
            (from, to, width) = (to, from, 2 * width)
        }
        if from != values { values.update(from: from, count: count) }
    }
}
