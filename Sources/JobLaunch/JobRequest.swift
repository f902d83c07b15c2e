package import ClusterSecurity
package import DecoderFiles
package import HTTPService
package import InputForms
package import ModelLoading
package import RemoteAudio
internal import SpeechBoundaries
package import SpeechTypes
package import Tensors

/// A job as a command line asks for it.
package struct JobRequest {
    /// Manifests, recordings, folders, patterns; `-` for a manifest on standard input.
    package var inputs: [PathBytes]
    /// The output manifest; `-` for records on standard output, nil for the text of one recording.
    package var output: String?
    package var model: ModelRequest
    package var arithmetic = ArithmeticChoice.auto
    /// The options of a worker for the same arithmetic.
    package var arithmeticArguments: [String] = []
    package var machine: MachineShare
    /// Begin again, whatever is there.
    package var overwrites = false
    /// Rows that a changed input still has keep their records.
    package var reconciles = false
    /// Rows that an earlier run quarantined are tried again.
    package var retriesQuarantined = false
    /// Audio that several rows ask for is computed once.
    package var computesDuplicatesOnce = false
    /// Links in folders are followed out of the folder.
    package var followsLinks = false
    /// The form that all inputs are said to have; nil to find out.
    package var inputForm: String?
    /// What tables call their columns.
    package var columns = ColumnChoice()
    /// Members of rows, besides the audio, that are paths: what the command reads besides.
    ///
    /// Jobs that read none of them leave the rows as they are, which their identity hangs on.
    package var furtherPaths: [String] = []
    /// A file of where somebody speaks in the recordings; nil where there is none.
    package var boundaries: PathBytes?
    /// Commands in the place of recordings are run.
    package var allowsCommands = false
    /// What addresses may be fetched.
    package var allowedSources: [SourcePattern] = []
    /// Services that lend keys of object stores are asked where there are none.
    package var asksForKeys = false
    /// Where the output goes once it is whole; nil where it stays.
    package var objectOutput: ObjectOutput?
    /// Archives, or patterns of them, whose members the rows of the inputs are.
    package var tars: [PathBytes] = []
    /// Nobody has said which channels are transcribed.
    package var channelsAreUsual = false
    package var part: JobPart?
    /// A job that has rows without a transcript has ended well.
    package var acceptsFailedRows = false
    /// Where the process shows itself; nil for nowhere.
    package var http: HTTPChoice?
    /// A file that is told what the coordinator and its first worker do; nil for none.
    package var trace: String?
    /// Say what would be done, and do nothing.
    package var isDryRun = false
    /// No progress and no notices.
    package var isQuiet = false
    /// Seconds that a row which was lost alone rests; nil for the usual time.
    package var calmSeconds: Int?
    /// The decoder of a job with this model, and the files that it takes besides the model.
    package var decoding: (_ model: RecognitionModel) throws -> DecodingPlan = { _ in
        DecodingPlan(choice: .greedy)
    }
    /// A language model that is there and not used is worth a notice.
    package var suggestsLanguageModel = false
    /// Worker processes on this machine.
    package var workers: Int
    /// Where workers of other machines connect.
    package var listen: [String] = []
    package var security = ListenSecurity.ipcOnly
    /// What the records of a job with this model hold, given what the job was begun with; may make a
    /// folder for log-probabilities.
    package var recognitionOptions:
        (_ model: RecognitionModel, _ begun: RecognitionOptions?) throws -> RecognitionOptions

    package init(
        inputs: [PathBytes], output: String?, model: ModelRequest, machine: MachineShare,
        workers: Int,
        recognitionOptions:
            @escaping (_ model: RecognitionModel, _ begun: RecognitionOptions?) throws ->
            RecognitionOptions
    ) {
        self.inputs = inputs
        self.output = output
        self.model = model
        self.machine = machine
        self.workers = workers
        self.recognitionOptions = recognitionOptions
    }

    /// The options of a job with these inputs.
    ///
    /// Where lists say of which channel a row is, that channel is transcribed unless something else was asked for.
    func recognitionOptions(
        _ model: RecognitionModel, _ begun: RecognitionOptions?, for input: ResolvedInput
    ) throws -> RecognitionOptions {
        var options = try recognitionOptions(model, begun)
        if channelsAreUsual, input.namesChannels { options.channels = .row }
        options.runsCommands = allowsCommands
        options.allowedSources = Set(allowedSources.map(\.text)).sorted()
        if boundaries != nil { options.segmentsField = RowSpeech.memberName }
        return options
    }
}
