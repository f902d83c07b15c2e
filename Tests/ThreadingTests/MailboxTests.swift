import Glibc
import Testing
import Threading

@Suite("Values for a thread that polls") struct MailboxTests {
    @Test("a mailbox wakes its reader and gives everything in order")
    func mailbox() throws {
        let mailbox = try Mailbox<Int>()
        let poster = try DedicatedThread {
            for number in 0..<1_000 { mailbox.post(number) }
        }
        var taken: [Int] = []
        // A reader may be woken for what it took a moment earlier, but not again and again.
        var wakesForNothing = 0
        while taken.count < 1_000 && wakesForNothing < 20 {
            #expect(Self.isReadable(mailbox.descriptor, milliseconds: 10_000))
            let more = mailbox.takeAll()
            wakesForNothing = more.isEmpty ? wakesForNothing + 1 : 0
            taken += more
        }
        poster.join()
        #expect(taken == Array(0..<1_000))
    }

    @Test("a descriptor is readable from its signal to its reset")
    func events() throws {
        let event = try EventDescriptor()
        #expect(!Self.isReadable(event.descriptor, milliseconds: 0))
        event.signal()
        event.signal()
        #expect(Self.isReadable(event.descriptor, milliseconds: 0))
        event.reset()
        #expect(!Self.isReadable(event.descriptor, milliseconds: 0))
    }

    private static func isReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, milliseconds) == 1
    }
}
