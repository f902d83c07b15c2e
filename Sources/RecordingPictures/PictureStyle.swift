/// Colours for light and dark pages.
enum PictureStyle {
    /// The same rules twice: some programs that show such pictures know no variables.
    static var sheet: String {
        "<style>\n" + rules(light) + "@media (prefers-color-scheme: dark) {\n" + rules(dark) + "}\n"
            + "</style>"
    }

    private struct Colours {
        let page, text, faint, grid, wave, skipped, speech, core, context, doubtful, poor: String
    }

    private static let light = Colours(
        page: "#fff", text: "#1f2328", faint: "#59636e", grid: "#dfe3e8", wave: "#59636e",
        skipped: "#c6ccd3", speech: "#2da44e", core: "#0969da", context: "#9ecbff",
        doubtful: "#9a6700", poor: "#cf222e")
    private static let dark = Colours(
        page: "#0d1117", text: "#e6edf3", faint: "#9198a1", grid: "#2a3038", wave: "#9198a1",
        skipped: "#464d56", speech: "#3fb950", core: "#4493f8", context: "#24508c",
        doubtful: "#d29922", poor: "#ff6a62")

    private static func rules(_ colours: Colours) -> String {
        """
        .page{fill:\(colours.page)}
        text{fill:\(colours.text);font-size:11px}
        .title{font-size:15px;font-weight:600}
        .faint{fill:\(colours.faint)}
        .grid{stroke:\(colours.grid)}
        .wave{stroke:\(colours.wave)}
        .skipped{stroke:\(colours.skipped)}
        .speech{stroke:\(colours.speech);stroke-width:4}
        .core{stroke:\(colours.core);stroke-width:4}
        .context{stroke:\(colours.context);stroke-width:4}
        .sure{stroke:\(colours.text);stroke-width:2}
        .doubtful{stroke:\(colours.doubtful);stroke-width:2}
        .poor{stroke:\(colours.poor);stroke-width:2}
        text.doubtful{fill:\(colours.doubtful);stroke:none;font-style:italic}
        text.poor{fill:\(colours.poor);stroke:none;font-style:italic;text-decoration:underline}

        """
    }
}
