internal import CoordinatorState
internal import Testing

@Suite("Values by their numbers")
struct NumberedTableTests {
    @Test("a table of numbered values keeps them through changes, removals and reused places")
    func numberedTable() {
        var table = NumberedTable<[Int]>()
        table[7] = [1]
        table[9] = [2]
        table[7]?.append(3)
        #expect(table[7] == [1, 3] && table.count == 2)
        #expect(table.removeValue(forKey: 7) == [1, 3])
        #expect(table[7] == nil && table.removeValue(forKey: 7) == nil)
        table[11] = [4]
        #expect(table[9] == [2] && table[11] == [4] && table.numbers.sorted() == [9, 11])
        table[9] = nil
        table[13]?.append(5)
        #expect(table[13] == nil && table.values.map(\.self) == [[4]])
        table.removeAll()
        #expect(table.isEmpty && table.numbers.isEmpty)
    }
}
