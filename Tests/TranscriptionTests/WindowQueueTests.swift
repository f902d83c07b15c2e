import Batching
import SpeechTypes
import Testing
import Threading
import Transcription

@Suite("Windows that wait for compute")
struct WindowQueueTests {
    private let events = Events()

    private func queue(
        producers: Int = 1, consumers: Int = 1, framesMax: Int = 4_000
    ) -> WindowQueue {
        WindowQueue(
            planner: BatchPlanner(limits: BatchLimits()), producers: producers,
            consumers: consumers, waitingFramesMax: framesMax)
    }

    private func item(_ ordinal: Int, frames: Int) throws -> WindowQueue.Item {
        WindowQueue.Item(
            row: try Sample.row(ordinal, Sample.recipe(), events), lane: 0,
            window: Sample.window(0, frames: frames))
    }

    private func ordinals(_ batch: [WindowQueue.Item]?) -> [Int]? { batch?.map(\.row.ordinal) }

    @Test("a source that does not answer does not keep the windows of other rows")
    func hungProducer() throws {
        let queue = queue(producers: 2)
        // One thread reads a file whose storage hangs; the other brings a short row and goes on.
        queue.producerBegins()
        queue.producerBegins()
        queue.push(try item(1, frames: 50))
        #expect(ordinals(queue.nextBatch()) == [1])
        queue.push(try item(2, frames: 50))
        queue.producerRests()
        #expect(ordinals(queue.nextBatch()) == [2])
    }

    @Test("a full batch does not wait, and what is left is taken when producers rest")
    func batches() throws {
        let queue = queue()
        queue.producerBegins()
        for ordinal in 0..<5 { queue.push(try item(ordinal, frames: 300)) }
        #expect(ordinals(queue.nextBatch()) == [0, 1, 2])
        queue.producerRests()
        #expect(ordinals(queue.nextBatch()) == [3, 4])
        queue.producerEnds()
        #expect(queue.nextBatch() == nil)
    }

    @Test("windows of rows that are over are dropped, and make space for others")
    func overRows() throws {
        let queue = queue(framesMax: 100)
        let over = try item(0, frames: 90)
        queue.producerBegins()
        queue.push(over)
        over.row.fail(.source, .quarantinedSource, "gone")
        let next = try item(1, frames: 90)
        let producer = try DedicatedThread {
            queue.push(next)
            queue.producerRests()
            queue.producerEnds()
        }
        #expect(ordinals(queue.nextBatch()) == [1])
        #expect(queue.nextBatch() == nil)
        producer.join()
    }

    @Test("a producer waits while too much waits, and one window is accepted whatever its length")
    func bounded() throws {
        let queue = queue(framesMax: 100)
        let items = try (0..<3).map { try item($0, frames: 2_000) }
        let producer = try DedicatedThread {
            queue.producerBegins()
            for item in items { queue.push(item) }
            queue.producerRests()
            queue.producerEnds()
        }
        for ordinal in 0..<3 { #expect(ordinals(queue.nextBatch()) == [ordinal]) }
        #expect(queue.nextBatch() == nil)
        producer.join()
    }
}

extension WindowQueueTests {
    @Test("the queue ends for all consumers when the last producer has ended")
    func end() throws {
        let queue = queue(producers: 2, consumers: 2)
        queue.producerEnds()
        let consumer = try DedicatedThread { while queue.nextBatch() != nil {} }
        queue.producerEnds()
        #expect(queue.nextBatch() == nil)
        consumer.join()
    }
}
