import Files
import Foundation
import Processes
import SystemErrors
import Testing

@Suite("Programs that are started") struct ProgramStartTests {
    /// The name by which the system knows a pipe.
    private func name(of descriptor: Int32) -> String {
        var status = stat()
        #expect(fstat(descriptor, &status) == 0)
        return "pipe:[\(status.st_ino)]"
    }

    @Test("a program gets its arguments and its descriptors, and no other end of their pipes")
    func descriptors() throws {
        let output = try Processes.Pipe()
        let input = try Processes.Pipe()
        let names = [name(of: output.writer), name(of: input.reader)]
        var start = ProgramStart(
            "/bin/sh", ["-c", "echo $0 $1; cat; cat <&5; ls -l /proc/self/fd", "a", "b"])
        try DescriptorIO.write(Array("five\n".utf8), to: input.writer)
        close(input.writer)
        start.descriptors = [0: .null, 1: .descriptor(output.writer), 5: .descriptor(input.reader)]
        let process = try start.start()
        close(output.writer)
        close(input.reader)
        let bytes = try DescriptorIO.contents(of: output.reader, bytesMax: 10_000)
        close(output.reader)
        #expect(process.reap() == .exited(0))
        let text = String(decoding: bytes ?? [], as: UTF8.self)
        #expect(text.hasPrefix("a b\nfive\n"))
        for name in names {
            #expect(text.components(separatedBy: name).count - 1 == 1, "\(name) in \(text)")
        }
    }

    @Test("ends are told apart, and have the numbers that shells give them")
    func ends() throws {
        #expect(try ProgramStart("/bin/sh", ["-c", "exit 7"]).start().reap() == .exited(7))
        let killed = try ProgramStart("/bin/sh", ["-c", "kill -9 $$"]).start()
        killed.waitForEnd()
        let end = killed.reap()
        #expect(end == .killed(signal: 9))
        #expect(end.status == 137)
    }

    @Test("a group is ended with all that is in it")
    func groups() throws {
        let pipe = try Processes.Pipe()
        var start = ProgramStart("/bin/sh", ["-c", "sleep 1000 & echo; wait"])
        start.hasOwnGroup = true
        start.descriptors = [1: .descriptor(pipe.writer)]
        let process = try start.start()
        close(pipe.writer)
        var byte: UInt8 = 0
        #expect(read(pipe.reader, &byte, 1) == 1)
        process.killGroup()
        #expect(process.reap() == .killed(signal: SIGKILL))
        // The sleep held the pipe as well: its end says that nobody does any more.
        #expect(read(pipe.reader, &byte, 1) == 0)
        close(pipe.reader)
    }

    @Test("the environment is the one that is given, and a name is looked for along PATH")
    func environment() throws {
        let pipe = try Processes.Pipe()
        var start = ProgramStart("env", [])
        start.isSearched = true
        start.environment = ["ONLY=this"]
        start.descriptors = [1: .descriptor(pipe.writer)]
        let process = try start.start()
        close(pipe.writer)
        let output = try DescriptorIO.contents(of: pipe.reader, bytesMax: 1_000)
        close(pipe.reader)
        #expect(process.reap() == .exited(0))
        #expect(output == Array("ONLY=this\n".utf8))
    }

    @Test("a program that is not there is told with the system's error")
    func missing() {
        #expect(throws: SystemError(ENOENT)) { try ProgramStart("/no/such/program", []).start() }
    }
}
