internal import ModelFamilies
internal import ModelLoading
internal import Testing
internal import Wav2Vec2

@Suite("Expressions in training arguments") struct ExpressionTests {
    private static let base =
        [
            [512, 10, 5], [512, 3, 2], [512, 3, 2], [512, 3, 2], [512, 3, 2], [512, 2, 2],
            [512, 2, 2],
        ]

    @Test(
        "a list of convolutions is read however it is spaced and repeated",
        arguments: [
            "[(512,10,5)]+[(512,3,2)]*4+[(512,2,2)]+[(512,2,2)]",
            "[(512, 10, 5)] + [(512, 3, 2)] * 4 + [(512,2,2)] * 2",
            " [ (512,10,5),(512,3,2) ]+3*[(512,3,2),]+[(512,2,2),(512,2,2)] ",
        ])
    func convolutions(text: String) {
        let layers = ConvLayerList.parse(text)?.map { [$0.channels, $0.kernel, $0.stride] }
        #expect(layers == Self.base)
    }

    @Test(
        "anything but such a list is refused",
        arguments: [
            "", "[]", "[(1,2)]", "[(1,2,3)", "[(1,2,3)]*", "[(1,2,3)]*99", "[(1,2,3)]+",
            "[(-1,2,3)]", "[(1,2,3)]x", "__import__('os')", "[(9999999999,2,3)]",
            "[(1,2,3)]*9999999999", "[(1,2,3)]*4*4", "4*4", "[(1,2,3)]*33",
        ])
    func notConvolutions(text: String) {
        #expect(ConvLayerList.parse(text) == nil)
    }

    @Test(
        "an hourglass is read", arguments: ["[2,(8,4),2]", " [ 2, ( 8 , 4 ) , 2 ] ", "[2,[8,4],2]"])
    func hourglass(text: String) throws {
        let schedule = try #require(HourglassSchedule.parse(text))
        #expect(schedule == (2, 8, 4, 2))
    }

    @Test(
        "anything but an hourglass is refused",
        arguments: [
            "", "None", "[2,8,2]", "[2,(8,4)]", "[2,(8,4),2]]", "[2,(8,-4),2]", "[2,(8,4),x]",
        ])
    func notHourglass(text: String) {
        #expect(HourglassSchedule.parse(text) == nil)
    }
}
