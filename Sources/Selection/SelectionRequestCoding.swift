internal import Calibration
internal import StrictJSON

/// A request as JSON, with nothing in it that is as usual.
enum SelectionRequestCoding {
    private static let namesMax = 1_000

    static func write(_ request: SelectionRequest, to json: inout JSONWriter) {
        json.beginObject()
        json.member("output", request.output)
        for (name, path) in [
            ("features", request.features), ("calibration", request.calibration),
            ("agree", request.other), ("audio_root", request.audioRoot),
        ] {
            if let path { json.member(name, path) }
        }
        for (name, number) in numbers(request) {
            if let number { json.member(name, number) }
        }
        for (name, range) in ranges(request.limits) {
            guard let range else { continue }
            json.key(name)
            json.beginArray()
            json.value(range.lowerBound)
            json.value(range.upperBound)
            json.endArray()
        }
        if let loops = request.limits.loopsMax { json.member("loops", loops) }
        for (name, names) in [
            ("scripts", request.limits.scripts), ("languages", request.limits.languages),
        ] where !names.isEmpty {
            json.key(name)
            json.beginArray()
            for name in names { json.value(name) }
            json.endArray()
        }
        for (name, isSet) in [
            ("inside", request.limits.staysInside), ("unlike", request.trustsUnlike),
            ("duplicate_audio", request.dropsSameAudio),
        ] where isSet {
            json.key(name)
            json.value(true)
        }
        if !request.parts.isEmpty {
            json.key("split")
            json.beginObject()
            for part in request.parts { json.member(part.name, part.share) }
            json.endObject()
        }
        json.member("seed", String(request.seed))
        json.member("by", request.splitsBy.rawValue)
        json.member("licence_field", request.licenceField)
        json.endObject()
    }

    private static func numbers(_ request: SelectionRequest) -> [(String, Double?)] {
        [
            ("wer", request.errorRateMax), ("hours", request.hoursMax),
            ("speaker_hours", request.speakerHoursMax),
            ("folder_hours", request.folderHoursMax), ("duplicates", request.duplicateShare),
            ("min_confidence", request.limits.confidenceMin),
            ("row_wer", request.limits.rowErrorsMax),
            ("repetition", request.limits.repetitionMax),
            ("clipped", request.limits.clippedMax), ("bandwidth", request.limits.bandwidthMin),
            ("silence", request.limits.silenceMax), ("agreement", request.limits.agreementMin),
        ]
    }

    private static func ranges(_ limits: SelectionLimits) -> [(String, ClosedRange<Double>?)] {
        [("seconds", limits.seconds), ("rate", limits.rate), ("level", limits.level)]
    }

    /// - Returns: nil where something is missing or out of range.
    static func read(_ object: JSONObject) -> SelectionRequest? {
        guard let output = object["output"]?.string,
            let seed = object["seed"]?.string.flatMap(UInt64.init),
            let by = object["by"]?.string.flatMap(SelectionRequest.SplitKey.init),
            let licence = object["licence_field"]?.string
        else { return nil }
        var request = SelectionRequest(output: output)
        request.features = object["features"]?.string
        request.calibration = object["calibration"]?.string
        request.other = object["agree"]?.string
        (request.seed, request.splitsBy, request.licenceField) = (seed, by, licence)
        request.errorRateMax = object["wer"]?.double
        request.hoursMax = object["hours"]?.double
        request.speakerHoursMax = object["speaker_hours"]?.double
        request.folderHoursMax = object["folder_hours"]?.double
        request.duplicateShare = object["duplicates"]?.double
        request.dropsSameAudio = object["duplicate_audio"]?.bool ?? false
        request.audioRoot = object["audio_root"]?.string
        request.limits = limits(object)
        request.trustsUnlike = object["unlike"]?.bool ?? false
        if let split = object["split"]?.object {
            guard split.members.count <= namesMax else { return nil }
            for member in split.members {
                guard let share = member.value.double, (0...1).contains(share) else { return nil }
                request.parts.append(SelectionRequest.Part(name: member.key, share: share))
            }
        }
        return request.problem == nil ? request : nil
    }

    private static func limits(_ object: JSONObject) -> SelectionLimits {
        func range(_ name: String) -> ClosedRange<Double>? {
            guard let list = object[name]?.array, list.count == 2, let low = list[0].double,
                let high = list[1].double, low <= high
            else { return nil }
            return low...high
        }
        func names(_ name: String) -> [String] {
            (object[name]?.array ?? []).prefix(namesMax).compactMap(\.string)
        }
        var limits = SelectionLimits()
        limits.confidenceMin = object["min_confidence"]?.double
        limits.rowErrorsMax = object["row_wer"]?.double
        limits.seconds = range("seconds")
        limits.rate = range("rate")
        limits.level = range("level")
        limits.repetitionMax = object["repetition"]?.double
        limits.loopsMax = object["loops"]?.int
        limits.scripts = names("scripts")
        limits.languages = names("languages")
        limits.clippedMax = object["clipped"]?.double
        limits.bandwidthMin = object["bandwidth"]?.double
        limits.silenceMax = object["silence"]?.double
        limits.staysInside = object["inside"]?.bool ?? false
        limits.agreementMin = object["agreement"]?.double
        return limits
    }
}
