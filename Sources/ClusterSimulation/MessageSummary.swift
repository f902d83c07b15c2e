internal import ClusterProtocol
internal import SpeechTypes

/// Messages as a trace shows them: a few words each.
extension WorkerMessage {
    var summary: String {
        switch self {
        case .hello(let message):
            "hello, holds \(message.held.map(\.lease)), in engine \(message.inEngine)"
        case .requestWork(let message): "requestWork \(message.credit.audioMilliseconds) ms"
        case .started(let message): "started \(message.ordinals)"
        case .results(let message): "results #\(message.number) \(message.rows.map(\.ordinal))"
        case .failure(let message):
            "failure #\(message.number) row \(message.ordinal) \(message.code.rawValue)"
        case .release(let message):
            "release #\(message.number) lease \(message.lease) \(message.ordinals)"
        case .heartbeat(let message):
            "heartbeat \(message.number), holds \(message.leases), in engine \(message.inEngine)"
        case .goodbye(let message): "goodbye, \(message.reason.rawValue)"
        }
    }
}

extension CoordinatorMessage {
    var summary: String {
        switch self {
        case .welcome(let message): "welcome, keep \(message.kept)"
        case .rejected(let message): "rejected(\(message.code.rawValue))"
        case .lease(let message):
            "lease \(message.lease)\(message.isAlone ? " alone" : "") \(message.rows.map(\.ordinal))"
        case .recorded(let message): "recorded #\(message.number)"
        case .revoke(let message): "revoke lease \(message.lease) \(message.ordinals)"
        case .dismiss(let message): "dismiss lease \(message.lease) \(message.ordinals)"
        case .beat(let message): "beat \(message.number), leases \(message.leases)"
        case .drain: "drain"
        case .unknownSession: "unknownSession"
        case .refused(let code): "refused(\(code.rawValue))"
        }
    }
}
