internal import CZeroMQ

/// A key pair of CurveZMQ: 32 bytes each.
package struct CurveKeyPair: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of either key.
    package static let keyBytes = 32

    package let publicKey: [UInt8]
    /// Whoever has it is this peer.
    package let secretKey: [UInt8]

    /// A new pair, from the system's randomness.
    package init() throws(ZeroMQError) {
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = publicText
        guard zmq_curve_keypair(&publicText, &secretText) == 0 else {
            throw .last("zmq_curve_keypair")
        }
        publicKey = try Self.decode(publicText)
        secretKey = try Self.decode(secretText)
    }

    /// The pair of a secret key of 32 bytes.
    package init(secretKey: [UInt8]) throws(ZeroMQError) {
        var secretText = [CChar](repeating: 0, count: 41)
        var publicText = secretText
        guard secretKey.count == Self.keyBytes,
            zmq_z85_encode(&secretText, secretKey, secretKey.count) != nil,
            zmq_curve_public(&publicText, secretText) == 0
        else { throw .last("zmq_curve_public") }
        self.secretKey = secretKey
        publicKey = try Self.decode(publicText)
    }

    /// The secret stays out of whatever is printed.
    package var description: String { "CurveKeyPair" }

    private static func decode(_ text: [CChar]) throws(ZeroMQError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: keyBytes)
        guard zmq_z85_decode(&bytes, text) != nil else { throw .last("zmq_z85_decode") }
        return bytes
    }
}

/// The part of a socket in a CURVE handshake; every connection of the socket needs one then.
package enum CurveRole {
    /// Peers are judged by the authenticator: libzmq lets everybody in where there is none.
    case server(CurveKeyPair, judge: Authenticator)
    /// Talks to nobody but the owner of the secret half of `server`.
    case client(CurveKeyPair, server: [UInt8])
}

extension Socket {
    /// Sets the keys; before the socket listens or connects.
    func setCurve(_ role: CurveRole) throws(ZeroMQError) {
        switch role {
        case .server(let own, _):
            try set(ZMQ_CURVE_SERVER, "CURVE_SERVER", 1)
            try set(ZMQ_CURVE_SECRETKEY, "CURVE_SECRETKEY", own.secretKey)
            try set(ZMQ_ZAP_DOMAIN, "ZAP_DOMAIN", Array("scriptorium".utf8))
        case .client(let own, let server):
            try set(ZMQ_CURVE_SERVERKEY, "CURVE_SERVERKEY", server)
            try set(ZMQ_CURVE_PUBLICKEY, "CURVE_PUBLICKEY", own.publicKey)
            try set(ZMQ_CURVE_SECRETKEY, "CURVE_SECRETKEY", own.secretKey)
        }
    }
}
