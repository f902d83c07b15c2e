import HTTPService
import Testing

@Suite("Addresses that a process answers at")
struct HTTPAddressTests {
    @Test("a port alone is one of this machine alone")
    func loopback() {
        #expect(HTTPAddress("8080")?.description == "127.0.0.1:8080")
    }

    @Test(
        "an address is taken as it is named",
        arguments: ["0.0.0.0:80", "10.0.0.5:65535", "[::1]:8080", "[::]:0"])
    func named(text: String) {
        #expect(HTTPAddress(text)?.description == text)
    }

    @Test(
        "what is no numeric address and port is refused",
        arguments: [
            "", ":", "x", "-1", "65536", "8080 ", "localhost:8080", "10.0.0.5", "10.0.0.5:",
            "::1:8080", "[::1]", "[10.0.0.5]:80", "1.2.3:80", "http://10.0.0.5:80", "+80",
        ])
    func refused(text: String) {
        #expect(HTTPAddress(text) == nil)
    }
}
