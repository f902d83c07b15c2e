internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// One line of a manifest of lhotse, and the rows that it and its parts come to.
struct LhotseObjects {
    let object: JSONObject
    private let line: InputLine

    init(_ line: InputLine) throws(ManifestError) {
        self.line = line
        do throws(RowError) {
            object = try ManifestRow.strictObject(line.bytes)
        } catch {
            throw line.error(error.detail)
        }
    }

    static func isCut(_ object: JSONObject) -> Bool {
        object["type"]?.string?.hasSuffix("Cut") == true
            && (object.member("recording") ?? object.member("tracks") ?? object.member("duration"))
                != nil
    }

    static func isRecording(_ object: JSONObject) -> Bool {
        object["sources"]?.array != nil && object.member("sampling_rate") != nil
    }

    static func isSupervision(_ object: JSONObject) -> Bool {
        object["recording_id"]?.string != nil && object.member("start") != nil
            && object.member("duration") != nil
    }

    /// The row of a cut.
    func cut() throws(ManifestError) -> RowDescription {
        let type = object["type"]?.string ?? ""
        guard ["MonoCut", "MultiCut", "Cut"].contains(type) else {
            throw line.error(
                "a \(type), which is mixed of other audio, is no span of a recording; save its audio "
                    + "first (cuts.save_audios)")
        }
        guard let recording = object["recording"]?.object else {
            throw line.error("the cut has no recording, only features; audio is needed here")
        }
        var row = try audio(of: recording, channels: channels(of: object))
        row.offset = try seconds("start", of: object)
        row.duration = try seconds("duration", of: object)
        row.id = object["id"]?.string
        let supervisions = (object["supervisions"]?.array ?? []).compactMap(\.object)
        describe(&row, by: supervisions)
        keepCustom(&row)
        return row
    }

    /// The row of a supervision, which is a span of a recording.
    func supervision(of recording: LhotseObjects) throws(ManifestError) -> RowDescription {
        var row = try recording.audio(of: recording.object, channels: channels(of: object))
        row.offset = try seconds("start", of: object)
        row.duration = try seconds("duration", of: object)
        row.id = object["id"]?.string
        row.text = object["text"]?.string
        row.speaker = object["speaker"]?.string
        row.language = object["language"]?.string
        keepCustom(&row)
        return row
    }

    /// Where the audio of a recording lies.
    ///
    /// - Parameter channels: those that are meant; nil for all.
    func audio(
        of recording: JSONObject, channels: [Int]?
    ) throws(ManifestError) -> RowDescription {
        let sources = (recording["sources"]?.array ?? []).compactMap(\.object)
        let wanted = channels ?? []
        let found = sources.first { source in
            let own = Self.numbers(source["channels"])
            return sources.count == 1 || !wanted.isEmpty && wanted.allSatisfy(own.contains)
        }
        guard let found else {
            throw line.error(
                sources.isEmpty
                    ? "the recording has no sources"
                    : "its channels are in several files; make a cut of each")
        }
        if let transforms = recording["transforms"]?.array,
            let other = transforms.compactMap({ $0.object?["name"]?.string }).first(where: {
                $0 != "Resample"
            })
        {
            throw line.error(
                "the recording is to be changed by \(other), which is not done here; save its audio first"
            )
        }
        guard let place = found["source"]?.string, !place.isEmpty,
            let type = found["type"]?.string, ["file", "url", "command"].contains(type)
        else {
            throw line.error(
                "its audio is not in a file (\(found["type"]?.string ?? "no type")); save it first")
        }
        var path = PathBytes(type == "command" ? place + " |" : place)
        var channel: Int?
        if wanted.count == 1 {
            // Of a file with several channels the place in it; a file with one has that.
            let own = Self.numbers(found["channels"])
            channel = own.count > 1 ? own.firstIndex(of: wanted[0]) : wanted[0]
        }
        if let source = ShellCommand.source(of: path) {
            path = source.path
            channel = source.channel ?? channel
        }
        var row = RowDescription(path)
        row.channel = channel
        return row
    }

    // MARK: Parts

    /// Text, speaker and language, and the times of supervisions that are not the cut.
    private func describe(_ row: inout RowDescription, by supervisions: [JSONObject]) {
        guard let first = supervisions.first else { return }
        let sorted = supervisions.enumerated().sorted { left, right in
            let starts = [left, right].map { $0.element["start"]?.double ?? 0 }
            return (starts[0], Double(left.offset)) < (starts[1], Double(right.offset))
        }.map(\.element)
        let texts = sorted.compactMap { $0["text"]?.string }
        if !texts.isEmpty {
            row.text =
                texts.count == 1 ? texts[0] : texts.filter { !$0.isEmpty }.joined(separator: " ")
        }
        func common(_ key: String) -> String? {
            let values = Set(supervisions.map { $0[key]?.string })
            return values.count == 1 ? values.first ?? nil : nil
        }
        row.speaker = common("speaker")
        row.language = common("language")
        let isWhole =
            supervisions.count == 1 && first["start"]?.double == 0
            && first["duration"]?.double == object["duration"]?.double
        guard !isWhole else { return }
        var whole = row
        whole.others.append(("supervisions", list(sorted)))
        // A day of speech may have more to say than a row can hold; the text is more than its parts.
        if whole.bytes().count <= ManifestLimits.lineBytesMax { row = whole }
    }

    private func list(_ supervisions: [JSONObject]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for supervision in supervisions {
            writer.beginObject()
            for key in ["id", "start", "duration", "channel", "text", "language", "speaker"] {
                guard let range = supervision.member(key)?.valueRange else { continue }
                writer.key(key)
                writer.raw(line.bytes[range])
            }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }

    private func keepCustom(_ row: inout RowDescription) {
        guard let custom = object.member("custom"), !custom.value.isNull else { return }
        row.others.append(("custom", Array(line.bytes[custom.valueRange])))
    }

    private func channels(of object: JSONObject) -> [Int]? {
        let numbers = Self.numbers(object["channel"])
        return numbers.isEmpty ? nil : numbers
    }

    private func seconds(_ key: String, of object: JSONObject) throws(ManifestError) -> String {
        guard case .number(let number)? = object[key], let value = number.double,
            (0...ManifestLimits.secondsMax).contains(value)
        else { throw line.error("\(key) is not a number of seconds from 0 on") }
        return number.text
    }

    /// A number, or a list of them.
    private static func numbers(_ value: JSONValue?) -> [Int] {
        if let number = value?.int { return [number] }
        return (value?.array ?? []).compactMap(\.int)
    }
}
