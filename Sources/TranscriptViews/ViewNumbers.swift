internal import TranscriptRows

/// Times and shares for people.
enum ViewNumbers {
    /// `0:01.2`, or `1:02:03.4` from an hour on.
    static func clock(_ time: MediaTime) -> String {
        let tenths = (time.milliseconds + 50) / 100
        let (seconds, minutes, hours) = (tenths / 10 % 60, tenths / 600 % 60, tenths / 36_000)
        let tail = "\(two(seconds)).\(tenths % 10)"
        return hours > 0 ? "\(hours):\(two(minutes)):\(tail)" : "\(minutes):\(tail)"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Ten thousandths as `0.93`, cut and not rounded, so that nothing below a bound looks like it.
    static func share(_ tenThousandths: Int) -> String {
        let hundredths = tenThousandths / 100
        return "\(hundredths / 100).\(two(hundredths % 100))"
    }
}
