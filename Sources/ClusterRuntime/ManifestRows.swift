package import Coordination
package import Digests
package import Manifests
package import SpeechTypes

/// The rows of a manifest, wherever the command line found them.
package struct ManifestRows: JobRows {
    private let manifest: IndexedManifest

    /// Opens the input's rows, indexed; an input that is no JSON Lines file is written into the
    /// job's folder first.
    package init(_ input: ResolvedInput, in folder: JobFolder) throws(RuntimeError) {
        do throws(ManifestError) {
            let path: String
            switch input {
            case .manifest(let manifest, _):
                path = manifest
            case .rows(let rows, _):
                path = folder.rowsPath
                _ = try rows.write(to: path)
            }
            manifest = try IndexedManifest(
                path: path, index: folder.indexPath, folder: input.folder)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Where relative paths of the rows start; absolute.
    package var folder: String { manifest.folder }
    /// SHA-256 over the rows' bytes.
    package var digest: ContentDigest { manifest.digest }
    /// Planned audio of all rows.
    package var totalMilliseconds: Int { manifest.totalMilliseconds }

    package var rowCount: Int { manifest.rowCount }

    package func ordinal(atRank rank: Int) -> Int { manifest.index.ordinal(atRank: rank) }

    package func audioMilliseconds(of ordinal: Int) -> Int {
        manifest.index.milliseconds(of: ordinal)
    }

    package func rawBytes(of ordinal: Int) -> Int {
        let end =
            ordinal + 1 < rowCount
            ? manifest.index.offset(of: ordinal + 1) : manifest.index.manifestByteCount
        return end - manifest.index.offset(of: ordinal)
    }

    /// Scheme and host of a URL, or the first two folders of an absolute path: a mount, as a rule.
    ///
    /// Empty for relative paths, which all start in one folder.
    package func source(of ordinal: Int) -> String {
        guard let raw = try? manifest.raw(of: ordinal),
            let path = try? ManifestRow.parse(raw: raw).audioPath
        else { return "" }
        let depth = path.contains("://") ? 3 : path.hasPrefix("/") ? 3 : 0
        return path.split(separator: "/", omittingEmptySubsequences: false).prefix(depth)
            .joined(separator: "/")
    }

    /// A row that cannot be read has a digest that no worker names: its result is not taken, and
    /// its next lease meets the error and ends the job.
    package func rowDigest(of ordinal: Int) -> ShortDigest {
        (try? manifest.rowDigest(of: ordinal)) ?? ShortDigest(Array(repeating: 0, count: 16))
    }

    package func raw(of ordinal: Int) throws(RuntimeError) -> [UInt8] {
        do throws(ManifestError) {
            return try manifest.raw(of: ordinal)
        } catch {
            throw RuntimeError(error)
        }
    }

    package func rejections(
        from ordinal: Int, max: Int
    ) throws(RuntimeError) -> (rows: [PlanningRejection], next: Int?) {
        do throws(ManifestError) {
            let (rows, next) = try manifest.unusableRows(from: ordinal, max: max)
            let rejections = rows.map { row in
                PlanningRejection(ordinal: row.ordinal, code: row.error.code)
            }
            return (rejections, next)
        } catch {
            throw RuntimeError(error)
        }
    }

    package func record(
        of ordinal: Int, failedWith code: FailureCode
    ) throws(RuntimeError) -> [UInt8] {
        do throws(ManifestError) {
            return try manifest.record(of: ordinal, failedWith: code)
        } catch {
            throw RuntimeError(error)
        }
    }
}

extension RuntimeError {
    /// A manifest's error with the exit status that it has.
    init(_ error: ManifestError) {
        switch error.code {
        case .notFound, .unreadable, .invalid: self.init(.usage, error.description)
        case .changed: self.init(.jobRefused, error.description)
        case .storage: self.init(.storage, error.description)
        }
    }
}
