internal import AudioFormats
internal import CSndFile
internal import Glibc

/// Lets libsndfile read a ``FileView`` through callbacks; its place in it moves.
final class SoundFileView {
    private let view: FileView
    private var position = 0
    /// What a read failed of: libsndfile has no way to pass it on.
    private(set) var failure: AudioError?

    init(_ view: FileView) {
        self.view = view
    }

    /// The callbacks; their data is this object, which has to outlive the handle.
    static var callbacks: SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(SoundFileView.of($0).view.byteCount) },
            seek: { offset, origin, data in
                let reader = SoundFileView.of(data)
                let base =
                    switch origin {
                    case SEEK_CUR: reader.position
                    case SEEK_END: reader.view.byteCount
                    default: 0
                    }
                reader.position = min(max(0, base + Int(offset)), reader.view.byteCount)
                return sf_count_t(reader.position)
            },
            read: { memory, count, data in
                guard let memory, count > 0 else { return 0 }
                return sf_count_t(
                    SoundFileView.of(data).read(.init(start: memory, count: Int(count))))
            },
            write: { _, _, _ in 0 },
            tell: { sf_count_t(SoundFileView.of($0).position) })
    }

    /// Back at the first byte, for another handle.
    func rewind() { position = 0 }

    private static func of(_ data: UnsafeMutableRawPointer?) -> SoundFileView {
        guard let data else { preconditionFailure("the callbacks have their data") }
        return Unmanaged<SoundFileView>.fromOpaque(data).takeUnretainedValue()
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        do throws(AudioError) {
            let count = try view.read(at: position, into: buffer)
            position += count
            return count
        } catch {
            failure = failure ?? error
            return 0
        }
    }
}
