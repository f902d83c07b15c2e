// swift-tools-version: 6.2
// The package manifest is the architecture drawing: targets are listed bottom up, layer by layer,
// and a target imports only targets listed above it (docs/architecture.md).

import PackageDescription

// Continuous integration treats warnings as errors; a user's newer compiler must not fail on a new one.
let strict = Context.environment["SCRIPTORIUM_STRICT"] == "1"

let package = Package(
    name: "scriptorium",
    products: [
        .executable(name: "scriptorium", targets: ["ScriptoriumCLI"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Layer 0: C. Kernels and checksums of ours, and one module for each system library.
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(
            name: "CPeakRates", dependencies: ["CKernels"], cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CChecksums", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CElementConversion", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "COpenBLAS"),
        .target(name: "COneDNN"),
        .target(name: "CChromaprint"),
        .systemLibrary(
            name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(
            name: "CMPG123", pkgConfig: "libmpg123", providers: [.apt(["libmpg123-dev"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CAllocator"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CHostCalls"),
        // No pkgConfig: libzmq's file carries an -isystem flag that SwiftPM refuses with a warning.
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),

        // Layer 1: one capability each.
        .target(name: "SystemErrors"),
        .target(name: "StrictJSON"),
        .target(name: "Digests", dependencies: ["CChecksums", "CCrypto"]),
        .target(name: "SpeechTypes", dependencies: ["Digests"]),
        .target(name: "PackedWeights", dependencies: ["Digests"]),
        .target(
            name: "Tensors",
            dependencies: ["CKernels", "COneDNN", "COpenBLAS", "CPeakRates", "PackedWeights"]),
        .target(name: "TextNormalizers"),
        .target(name: "ErrorRates", dependencies: ["TextNormalizers"]),
        .target(name: "Threading", dependencies: ["CLinux", "SystemErrors"]),
        .target(
            name: "Files", dependencies: ["Digests", "SpeechTypes", "SystemErrors", "Threading"]),
        .target(name: "TraceEvents", dependencies: ["StrictJSON", "SystemErrors", "Threading"]),
        .target(name: "Decompression", dependencies: ["CZlib", "CZstd", "SpeechTypes"]),
        .target(
            name: "Processes",
            dependencies: [
                "CLinux", "Files", "SystemErrors", "Threading",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ", "SystemErrors"]),
        .target(name: "SubtitleCues"),
        .target(name: "NumPyArrays"),
        .target(name: "MelFeatures"),
        .target(name: "LanguageCodes"),

        // Layer 2: formats.
        .target(
            name: "TranscriptRows",
            dependencies: [
                "Digests", "Files", "SpeechTypes", "StrictJSON", "SystemErrors", "Threading",
            ]),
        .target(
            name: "Checkpoints",
            dependencies: [
                "CElementConversion", "Digests", "Files", "PackedWeights", "StrictJSON",
                "SystemErrors",
            ]),
        .target(
            name: "WeightCache",
            dependencies: [
                "CAllocator", "Digests", "Files", "PackedWeights", "SystemErrors", "Threading",
            ]),
        .target(
            name: "TokenizerFiles", dependencies: ["Checkpoints", "SpeechTypes", "StrictJSON"]),
        .target(name: "HTTPTransfer", dependencies: ["CCurl", "Threading"]),
        .target(
            name: "ModelHub",
            dependencies: [
                "Digests", "Files", "HTTPTransfer", "LanguageCodes", "StrictJSON", "SystemErrors",
                "Threading",
            ]),
        .target(
            name: "AudioFormats",
            dependencies: ["Files", "SpeechTypes", "SystemErrors", "Threading"]),
        .target(
            name: "AudioDecoding",
            dependencies: [
                "AudioFormats", "CMPG123", "CSndFile", "CSoxr", "Digests", "Files", "Processes",
                "SpeechTypes", "SystemErrors",
            ]),
        .target(
            name: "AudioInput",
            dependencies: [
                "AudioDecoding", "AudioFormats", "Digests", "SpeechTypes", "Threading",
            ]),
        .target(
            name: "ArchivedAudio",
            dependencies: [
                "AudioFormats", "AudioInput", "Decompression", "Digests", "Files", "SpeechTypes",
                "SystemErrors",
            ]),
        .target(
            name: "Manifests",
            dependencies: [
                "Decompression", "Digests", "Files", "SpeechTypes", "StrictJSON", "SystemErrors",
                "Threading",
            ]),
        .target(
            name: "RemoteAudio",
            dependencies: [
                "ArchivedAudio", "AudioFormats", "AudioInput", "Digests", "Files", "HTTPTransfer",
                "Manifests", "ModelHub", "SpeechTypes", "StrictJSON",
                "SystemErrors", "Threading",
            ]),
        .target(
            name: "AudioFingerprints",
            dependencies: [
                "AudioFormats", "AudioInput", "CChromaprint", "Manifests", "SpeechTypes",
                "TranscriptRows",
            ]),
        .target(
            name: "DuplicateAudio",
            dependencies: [
                "Digests", "Files", "Manifests", "SpeechTypes", "StrictJSON", "Threading",
            ]),
        .target(
            name: "SpeechBoundaries",
            dependencies: ["Manifests", "SpeechTypes", "StrictJSON", "TranscriptRows"]),
        .target(name: "AudioFolders", dependencies: ["Manifests", "SpeechTypes", "Threading"]),
        .target(
            name: "InputForms",
            dependencies: [
                "ArchivedAudio", "AudioFolders", "AudioFormats", "Decompression", "Digests",
                "Files",
                "Manifests", "RemoteAudio", "SpeechBoundaries", "SpeechTypes", "StrictJSON",
                "SystemErrors",
                "Threading",
            ]),
        .target(name: "EnvironmentSettings", dependencies: ["StrictJSON"]),
        .target(name: "Batching", dependencies: ["SpeechTypes", "Threading"]),
        .target(
            name: "LanguageModels",
            dependencies: ["Decompression", "Files", "SpeechTypes"]),
        .target(name: "CTCDecoding", dependencies: ["CKernels", "LanguageModels", "SpeechTypes"]),
        .target(name: "Alignment", dependencies: ["CTCDecoding", "SpeechTypes"]),
        .target(
            name: "RowFeatures",
            dependencies: ["CKernels", "CTCDecoding", "SpeechTypes", "StrictJSON"]),
        .target(name: "ClusterProtocol", dependencies: ["Digests", "SpeechTypes", "StrictJSON"]),

        // Layer 3: the model, and the decisions of the cluster over what is known of a job.
        .target(name: "AcousticModels", dependencies: ["SpeechTypes", "Tensors", "Threading"]),
        .target(
            name: "EncoderBlocks",
            dependencies: [
                "AcousticModels", "Checkpoints", "PackedWeights", "SpeechTypes", "Tensors",
            ]),
        .target(
            name: "Wav2Vec2",
            dependencies: [
                "AcousticModels", "Checkpoints", "EncoderBlocks", "PackedWeights", "SpeechTypes",
                "Tensors", "Threading",
            ]),
        .target(
            name: "MelEncoders",
            dependencies: [
                "AcousticModels", "Checkpoints", "EncoderBlocks", "MelFeatures", "PackedWeights",
                "SpeechTypes", "Tensors", "Threading",
            ]),
        .target(
            name: "VoiceActivity",
            dependencies: ["CKernels", "Checkpoints", "Digests", "SpeechTypes", "Tensors"]),
        .target(name: "WindowCutting", dependencies: ["SpeechTypes", "VoiceActivity"]),
        .target(
            name: "RowSpans",
            dependencies: [
                "AudioFormats", "AudioInput", "CTCDecoding", "Digests", "SpeechTypes", "Threading",
                "VoiceActivity", "WindowCutting",
            ]),
        .target(
            name: "ModelFamilies",
            dependencies: [
                "AcousticModels", "Checkpoints", "EncoderBlocks", "MelEncoders", "MelFeatures",
                "SpeechTypes", "StrictJSON", "Tensors", "Wav2Vec2",
            ]),
        .target(
            name: "ModelLoading",
            dependencies: [
                "AcousticModels", "Checkpoints", "Digests", "EncoderBlocks", "LanguageCodes",
                "ModelFamilies", "PackedWeights", "SpeechTypes", "StrictJSON", "Tensors",
                "Threading", "TokenizerFiles", "Wav2Vec2", "WeightCache",
            ]),
        .target(
            name: "LanguageModelBuilding",
            dependencies: ["Files", "LanguageModels", "SystemErrors", "Threading"]),
        .target(
            name: "DecoderFiles",
            dependencies: [
                "CTCDecoding", "Checkpoints", "Digests", "Files", "LanguageModels", "SpeechTypes",
                "StrictJSON",
            ]),
        .target(
            name: "JobState",
            dependencies: ["ClusterProtocol", "Digests", "SpeechTypes", "StrictJSON"]),
        .target(
            name: "WorkerCoordination",
            dependencies: ["ClusterProtocol", "Digests", "JobState", "SpeechTypes"]),
        .target(
            name: "CoordinatorState",
            dependencies: [
                "ClusterProtocol", "Digests", "JobState", "SpeechTypes",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .target(
            name: "Coordination",
            dependencies: [
                "ClusterProtocol", "CoordinatorState", "Digests", "JobState", "SpeechTypes",
            ]),

        .target(name: "TranscriptParts", dependencies: ["TranscriptRows"]),
        .target(
            name: "TranscriptFormats",
            dependencies: [
                "CZlib", "Files", "SpeechTypes", "StrictJSON", "SubtitleCues", "SystemErrors",
                "Threading", "TranscriptParts", "TranscriptRows",
            ]),

        .target(
            name: "TranscriptViews",
            dependencies: [
                "Files", "SpeechTypes", "SubtitleCues", "SystemErrors", "TranscriptRows",
            ]),

        .target(
            name: "RecordingPictures",
            dependencies: ["SpeechTypes", "SubtitleCues", "TranscriptRows", "TranscriptViews"]),
        .target(
            name: "ReportPages", dependencies: ["SpeechTypes", "StrictJSON", "TranscriptRows"]),
        .target(
            name: "TimelineReading",
            dependencies: [
                "AudioFormats", "AudioInput", "RecordingPictures", "SpeechTypes", "TranscriptRows",
                "VoiceActivity", "WindowCutting",
            ]),

        .target(
            name: "MeasuredRows",
            dependencies: ["Digests", "Manifests", "SpeechTypes", "TranscriptRows"]),
        .target(
            name: "Calibration",
            dependencies: [
                "Digests", "ErrorRates", "Files", "Manifests", "MeasuredRows", "StrictJSON",
                "TextNormalizers", "Threading", "TranscriptRows",
            ]),
        .target(
            name: "CalibratedRecords",
            dependencies: [
                "Calibration", "Files", "MeasuredRows", "RowFeatures", "SpeechTypes", "StrictJSON",
                "TranscriptRows",
            ]),
        .target(
            name: "OutputComparison",
            dependencies: [
                "Calibration", "ErrorRates", "Manifests", "MeasuredRows", "SpeechTypes",
                "StrictJSON", "TextNormalizers", "Threading", "TranscriptRows",
            ]),
        .target(
            name: "Selection",
            dependencies: [
                "Calibration", "Digests", "ErrorRates", "Files", "Manifests", "MeasuredRows",
                "SpeechTypes", "StrictJSON", "SystemErrors", "TextNormalizers", "Threading",
                "TranscriptRows",
            ]),

        .target(
            name: "RecordTimes",
            dependencies: ["Manifests", "SpeechBoundaries", "SpeechTypes", "TranscriptRows"]),
        .target(
            name: "LogitsFiles",
            dependencies: ["Files", "SpeechTypes", "SystemErrors", "Tensors", "Threading"]),
        .target(
            name: "AudioPlaces",
            dependencies: [
                "ArchivedAudio", "AudioFormats", "AudioInput", "Manifests", "RemoteAudio",
                "SpeechTypes", "Threading",
            ]),

        // Layer 4: engines.
        .target(
            name: "Transcription",
            dependencies: [
                "ArchivedAudio", "AudioPlaces", "RemoteAudio", "RowSpans",
                "WindowCutting",
                "Alignment", "AudioFormats", "AudioInput", "Batching", "CTCDecoding",
                "CalibratedRecords", "Checkpoints", "DecoderFiles", "Digests", "Files",
                "LanguageCodes", "LogitsFiles", "Manifests",
                "ModelLoading", "NumPyArrays", "RecordTimes", "RowFeatures", "SpeechBoundaries",
                "SpeechTypes", "StrictJSON", "SystemErrors",
                "Tensors",
                "Threading", "VoiceActivity", "AcousticModels", "WeightCache",
            ]),
        .target(
            name: "JobJournal",
            dependencies: [
                "ClusterProtocol", "Digests", "Files", "JobState", "SpeechTypes", "SystemErrors",
                "Threading",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(
            name: "Provenance",
            dependencies: [
                "Digests", "Files", "JobState", "Manifests", "SpeechTypes", "StrictJSON",
                "SystemErrors",
                "Threading", "TranscriptRows",
            ]),
        .target(
            name: "ClusterSimulation",
            dependencies: [
                "ClusterProtocol", "Coordination", "CoordinatorState", "Digests", "JobState",
                "SpeechTypes", "WorkerCoordination",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),

        // Layer 5: services.
        .target(
            name: "HTTPService",
            dependencies: ["CHostCalls", "Digests", "Processes", "SystemErrors", "Threading"]),
        .target(
            name: "HealthService",
            dependencies: [
                "HTTPService", "Processes", "SystemErrors", "Threading",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "ClusterSecurity",
            dependencies: [
                "Digests", "Files", "Processes", "SystemErrors", "Threading", "ZeroMQ",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "JobOutput",
            dependencies: [
                "AudioFolders", "ClusterProtocol", "Coordination", "Digests", "DuplicateAudio",
                "Files",
                "InputForms",
                "JobJournal", "JobState",
                "Manifests", "Processes", "Provenance", "SpeechTypes", "StrictJSON", "Threading",
                "TranscriptRows",
            ]),
        .target(
            name: "ClusterRuntime",
            dependencies: [
                "ClusterSecurity", "JobOutput", "Processes", "TranscriptRows",
                "ClusterProtocol", "Coordination", "Digests", "Files", "JobJournal", "JobState",
                "Manifests",
                "Provenance", "SpeechTypes", "StrictJSON", "SystemErrors", "Threading",
                "WorkerCoordination", "ZeroMQ",
                .product(name: "Logging", package: "swift-log"),
            ]),

        .target(
            name: "JobVerification",
            dependencies: [
                "ArchivedAudio", "AudioPlaces", "CalibratedRecords", "RemoteAudio",
                "AudioFormats", "AudioInput", "ClusterRuntime", "Digests",
                "Files", "InputForms", "JobJournal", "JobOutput", "JobState",
                "Manifests", "Processes", "Provenance", "SpeechTypes", "StrictJSON", "Threading",
                "TranscriptFormats", "TranscriptRows", "Transcription",
                .product(name: "Logging", package: "swift-log"),
            ]),

        .target(
            name: "Evaluation",
            dependencies: [
                "ClusterRuntime", "ErrorRates", "Files", "JobOutput", "JobVerification",
                "Manifests", "Processes", "SpeechTypes", "StrictJSON", "SubtitleCues",
                "TextNormalizers", "Threading", "TranscriptRows",
            ]),

        .target(
            name: "DecoderTuning",
            dependencies: [
                "AudioFormats", "AudioPlaces", "CTCDecoding", "ErrorRates", "Files", "Manifests",
                "SpeechTypes", "StrictJSON", "TextNormalizers", "Threading", "Transcription",
            ]),

        .target(
            name: "JobDashboard",
            dependencies: [
                "ClusterProtocol", "ClusterRuntime", "Digests", "HTTPService", "JobState",
                "Processes", "SpeechTypes", "StrictJSON", "Threading",
            ]),

        .target(
            name: "StoredDashboards",
            dependencies: [
                "AudioFormats", "AudioPlaces", "ClusterProtocol", "ClusterRuntime",
                "ClusterSecurity",
                "HTTPService", "JobDashboard", "JobJournal", "JobOutput", "JobState", "Manifests",
                "Processes", "Provenance", "SpeechTypes", "StrictJSON",
            ]),

        .target(
            name: "Certification",
            dependencies: [
                "Digests", "Files", "Processes", "StrictJSON", "Tensors", "Threading",
                "WeightCache",
            ]),
        .target(
            name: "JobLaunch",
            dependencies: [
                "Certification",
                "ArchivedAudio", "AudioFolders", "AudioPlaces", "HTTPService", "JobDashboard",
                "RemoteAudio", "AudioFormats", "AudioInput", "Batching", "CAllocator",
                "CTCDecoding",
                "CalibratedRecords",
                "Checkpoints",
                "ClusterProtocol", "ClusterRuntime", "ClusterSecurity", "DecoderFiles", "Digests",
                "Files", "HealthService",
                "InputForms", "JobJournal", "JobOutput", "JobState", "Manifests", "ModelHub",
                "ModelLoading",
                "Processes", "Provenance", "SpeechBoundaries", "SpeechTypes", "StrictJSON",
                "SystemErrors", "Tensors",
                "Threading", "TraceEvents", "TranscriptRows", "Transcription", "VoiceActivity",
                "WeightCache",
                .product(name: "Logging", package: "swift-log"),
            ]),

        .target(
            name: "Diagnosis",
            dependencies: [
                "Certification",
                "CHostCalls", "ClusterRuntime", "ClusterSecurity", "Digests", "Files",
                "HTTPService",
                "JobLaunch", "ModelLoading", "Processes", "StrictJSON", "SystemErrors", "Tensors",
                "Threading", "Transcription", "WeightCache",
            ]),

        .target(
            name: "Benchmarking",
            dependencies: [
                "WindowCutting",
                "AudioFormats", "AudioInput", "AudioPlaces", "CTCDecoding", "EncoderBlocks",
                "Manifests", "Processes",
                "SpeechTypes", "StrictJSON", "Tensors", "Threading", "Transcription",
                "AcousticModels",
            ]),

        // Layer 6: where the parts meet.
        .target(
            name: "CommandOptions",
            dependencies: [
                "CalibratedRecords", "Calibration",
                "RemoteAudio",
                "AudioFormats", "CTCDecoding", "Checkpoints", "ClusterRuntime", "ClusterSecurity",
                "DecoderFiles", "EnvironmentSettings", "Files", "HTTPService", "InputForms",
                "JobLaunch",
                "JobVerification", "LanguageCodes", "LanguageModels", "LogitsFiles", "Manifests",
                "ModelLoading", "Processes", "Provenance", "SpeechTypes", "SubtitleCues",
                "SystemErrors", "Tensors", "Threading", "TranscriptFormats", "TranscriptParts",
                "TranscriptRows", "Transcription",
                "AcousticModels",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "LabelCommands",
            dependencies: [
                "AudioFingerprints", "Calibration", "CommandOptions", "Digests", "ErrorRates",
                "Files", "JobLaunch",
                "JobState", "Manifests",
                "MeasuredRows", "OutputComparison", "Processes", "Provenance", "Selection",
                "SpeechTypes", "TextNormalizers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(
            name: "ModelCommands",
            dependencies: [
                "Checkpoints", "CommandOptions", "Digests", "JobLaunch", "ModelFamilies",
                "ModelHub", "ModelLoading", "SpeechTypes", "StrictJSON", "Threading",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(
            name: "ReportCommands",
            dependencies: [
                "CommandOptions", "ErrorRates", "Evaluation", "Files", "HTTPService",
                "JobDashboard", "JobLaunch", "Processes", "Provenance",
                "ReportPages", "SpeechTypes", "StoredDashboards", "TextNormalizers", "Threading",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "ScriptoriumCLI",
            dependencies: [
                "Certification",
                "ArchivedAudio", "AudioPlaces", "ModelCommands", "RemoteAudio", "ReportCommands",
                "AudioFormats", "AudioInput", "Batching", "Benchmarking", "CAllocator",
                "CTCDecoding", "Checkpoints", "ClusterProtocol", "ClusterRuntime",
                "ClusterSecurity", "CommandOptions", "DecoderFiles", "DecoderTuning", "Diagnosis",
                "Digests", "ErrorRates", "Evaluation",
                "Files", "HTTPService", "HealthService", "InputForms", "JobJournal", "JobLaunch",
                "JobOutput",
                "JobState",
                "JobVerification", "LabelCommands", "LanguageModelBuilding", "LanguageModels",
                "Manifests",
                "ModelHub",
                "ModelLoading", "Processes", "Provenance", "RecordingPictures", "SpeechTypes",
                "StrictJSON",
                "SystemErrors",
                "Tensors",
                "Threading", "TimelineReading", "TraceEvents", "Transcription", "AcousticModels",
                "ZeroMQ",
                "SubtitleCues", "TextNormalizers", "TranscriptFormats", "TranscriptRows",
                "TranscriptViews", "WeightCache",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        // Tests, one target for each room.
        .testTarget(name: "SubtitleCuesTests", dependencies: ["SubtitleCues"]),
        .testTarget(
            name: "TranscriptRowsTests",
            dependencies: ["SpeechTypes", "StrictJSON", "TranscriptRows"]),
        .testTarget(
            name: "TranscriptFormatsTests",
            dependencies: [
                "TestProcesses", "SpeechTypes", "TranscriptFormats", "TranscriptParts",
                "TranscriptRows",
            ]),
        .testTarget(
            name: "SpeechBoundariesTests",
            dependencies: [
                "Manifests", "SpeechBoundaries", "SpeechTypes", "StrictJSON", "TemporaryFolders",
                "TranscriptRows",
            ]),
        .testTarget(name: "SpeechTypesTests", dependencies: ["Digests", "SpeechTypes"]),
        .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON"]),
        .testTarget(name: "DigestsTests", dependencies: ["CChecksums", "Digests"]),
        .testTarget(name: "ThreadingTests", dependencies: ["SystemErrors", "Threading"]),
        .testTarget(
            name: "FilesTests",
            dependencies: ["Digests", "Files", "SystemErrors", "TemporaryFolders"]),
        .testTarget(
            name: "DecompressionTests",
            dependencies: ["CompressedFixtures", "Decompression", "SpeechTypes"]),
        .testTarget(
            name: "TranscriptViewsTests", dependencies: ["TranscriptRows", "TranscriptViews"]),
        .testTarget(
            name: "RecordingPicturesTests",
            dependencies: ["RecordingPictures", "SpeechTypes", "TranscriptRows"]),
        .testTarget(
            name: "TimelineReadingTests",
            dependencies: [
                "Checkpoints", "RecordingPictures", "SpeechTypes", "TemporaryFolders",
                "TimelineReading", "TranscriptRows", "VoiceActivity",
            ]),
        .testTarget(name: "TextNormalizersTests", dependencies: ["TextNormalizers"]),
        .testTarget(name: "ErrorRatesTests", dependencies: ["ErrorRates", "TextNormalizers"]),
        .testTarget(
            name: "EvaluationTests", dependencies: ["ErrorRates", "Evaluation", "TextNormalizers"]),
        .testTarget(name: "DecoderTuningTests", dependencies: ["DecoderTuning"]),
        .testTarget(
            name: "CalibrationTests",
            dependencies: ["Calibration", "ErrorRates", "MeasuredRows", "TextNormalizers"]),
        .testTarget(
            name: "CalibratedRecordsTests",
            dependencies: ["CalibratedRecords", "RowFeatures", "TemporaryFolders"]),
        .testTarget(
            name: "OutputComparisonTests",
            dependencies: [
                "Calibration", "ErrorRates", "OutputComparison", "TemporaryFolders",
                "TextNormalizers",
            ]),
        .testTarget(
            name: "SelectionTests",
            dependencies: [
                "Calibration", "Digests", "ErrorRates", "Files", "MeasuredRows", "Selection",
                "SpeechTypes",
                "TemporaryFolders", "TextNormalizers",
            ]),
        .testTarget(
            name: "AudioFingerprintsTests",
            dependencies: ["AudioFingerprints", "SpeechTypes", "TranscriptRows"]),
        .testTarget(
            name: "BatchingTests", dependencies: ["Batching", "SpeechTypes", "Threading"]),
        .testTarget(
            name: "AlignmentTests",
            dependencies: ["Alignment", "CTCDecoding", "NumPyArrays", "SpeechTypes", "StrictJSON"]),
        .testTarget(
            name: "TranscriptionTests",
            dependencies: [
                "WindowCutting",
                "AcousticModels", "AudioFormats", "AudioInput", "AudioPlaces", "Batching",
                "CTCDecoding", "EngineClasses", "LogitsFiles",
                "Manifests", "ModelLoading", "SpeechBoundaries", "SpeechTypes",
                "StrictJSON", "TemporaryFolders", "Tensors", "Threading", "Transcription",
                "VoiceActivity",
            ]),
        .testTarget(name: "EnvironmentSettingsTests", dependencies: ["EnvironmentSettings"]),
        .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis", "StrictJSON"]),
        .testTarget(
            name: "HTTPServiceTests",
            dependencies: ["HTTPService", "Processes", "TemporaryFolders"]),
        .testTarget(
            name: "HealthServiceTests",
            dependencies: [
                "HTTPService", "HealthService", "LoopbackServers", "Processes", "Threading",
            ]),
        .testTarget(
            name: "ReportPagesTests",
            dependencies: ["ReportPages", "StrictJSON", "TemporaryFolders", "TranscriptRows"]),
        .testTarget(
            name: "TraceEventsTests",
            dependencies: ["StrictJSON", "TemporaryFolders", "TraceEvents"]),
        .testTarget(
            name: "StoredDashboardsTests",
            dependencies: [
                "AudioPlaces", "HTTPService", "Manifests", "StoredDashboards", "TemporaryFolders",
            ]),
        .testTarget(
            name: "JobDashboardTests",
            dependencies: [
                "ClusterProtocol", "ClusterRuntime", "Digests", "HTTPService", "JobDashboard",
                "JobState", "LoopbackServers", "Processes", "SpeechTypes", "StrictJSON",
            ]),
        .testTarget(name: "LanguageCodesTests", dependencies: ["LanguageCodes"]),
        .testTarget(
            name: "ModelCommandsTests",
            dependencies: [
                "Checkpoints", "ModelCommands", "ModelHub", "StrictJSON", "TemporaryFolders",
            ]),
        .testTarget(name: "MelFeaturesTests", dependencies: ["MelFeatures"]),
        .testTarget(
            name: "ModelHubTests",
            dependencies: [
                "Digests", "LoopbackServers", "ModelHub", "StrictJSON", "TemporaryFolders",
            ]),
        .testTarget(
            name: "ArchivedAudioTests",
            dependencies: ["ArchivedAudio", "AudioFormats", "SpeechTypes", "TemporaryFolders"]),
        .testTarget(
            name: "AudioPlacesTests",
            dependencies: [
                "AudioFormats", "AudioPlaces", "LoopbackServers", "RemoteAudio", "SpeechTypes",
                "StrictJSON", "TemporaryFolders", "Threading",
            ]),
        .testTarget(
            name: "RemoteAudioTests",
            dependencies: [
                "ArchivedAudio", "AudioFormats", "LoopbackServers", "RemoteAudio", "SpeechTypes",
                "StrictJSON",
                "TemporaryFolders",
            ]),
        .testTarget(name: "PackedWeightsTests", dependencies: ["Digests", "PackedWeights"]),
        .testTarget(
            name: "WeightCacheTests",
            dependencies: [
                "Digests", "Files", "PackedWeights", "TemporaryFolders", "Threading", "WeightCache",
            ]),
        .testTarget(
            name: "ModelLoadingTests",
            dependencies: [
                "CTCDecoding", "Checkpoints", "Digests", "ModelFamilies", "ModelLoading",
                "SpeechTypes",
                "StrictJSON",
                "TokenizerFiles", "Transcription", "Wav2Vec2",
            ]),
        .testTarget(
            name: "AudioInputTests",
            dependencies: [
                "TestProcesses", "AudioDecoding", "AudioFormats", "AudioInput", "Digests",
                "SpeechTypes",
                "TemporaryFolders", "Threading",
            ]),
        .testTarget(
            name: "ManifestsTests",
            dependencies: [
                "Digests", "DuplicateAudio", "Manifests", "SpeechTypes", "StrictJSON",
                "TemporaryFolders", "Threading",
            ]),
        .testTarget(
            name: "CertificationTests",
            dependencies: ["Certification", "Files", "TemporaryFolders", "Tensors"]),
        .testTarget(
            name: "InputFormsTests",
            dependencies: [
                "ArchivedAudio", "AudioFolders", "AudioFormats", "CompressedFixtures", "Digests",
                "InputForms", "Manifests", "SpeechBoundaries",
                "SpeechTypes",
                "TemporaryFolders",
                "TranscriptFormats", "TranscriptRows",
            ]),
        .testTarget(
            name: "ProvenanceTests",
            dependencies: [
                "Digests", "Manifests", "Provenance", "SpeechTypes", "StrictJSON", "TranscriptRows",
            ]),
        .testTarget(
            name: "JobVerificationTests",
            dependencies: [
                "AudioInput", "Digests", "JobVerification", "Manifests", "Provenance",
                "SpeechTypes", "TemporaryFolders",
            ]),
        .testTarget(
            name: "BenchmarkingTests",
            dependencies: [
                "AcousticModels", "Benchmarking", "EncoderBlocks", "MelEncoders", "MelFeatures",
                "SpeechTypes", "StrictJSON", "Tensors", "Wav2Vec2",
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Calibration", "MeasuredRows",
                "TestProcesses", "Processes", "LoopbackServers", "EngineClasses", "ErrorRates",
                "ScriptoriumCLI", "ReservedPorts",
                "StandInCluster",
                "Tensors",
            ]),
        // Bytes that zlib and libzstd compress, for readers of them.
        .target(
            name: "CompressedFixtures", dependencies: ["CZlib", "CZstd"],
            path: "Tests/CompressedFixtures"),
        // Folders that tests write into.
        .target(name: "TemporaryFolders", path: "Tests/TemporaryFolders"),
        // Programs that tests start.
        .target(
            name: "TestProcesses",
            dependencies: ["Files", "Processes", "SystemErrors", "Threading"],
            path: "Tests/TestProcesses"),
        // Servers on loopback, for what fetches.
        .target(
            name: "LoopbackServers", dependencies: ["Processes", "TestProcesses"],
            path: "Tests/LoopbackServers"),
        // Ports for coordinators that end and come back.
        .target(name: "ReservedPorts", path: "Tests/ReservedPorts"),
        // A disk whose sync fails once, and a kill at a chosen write, rename or send, for the stand-in.
        .target(name: "SystemFaults", path: "Tests/SystemFaults"),
        // Coordinator and workers as real processes, with an engine that only hashes.
        .executableTarget(
            name: "StandInCluster",
            dependencies: [
                "ClusterProtocol", "ClusterRuntime", "ClusterSecurity", "Coordination", "Digests",
                "HTTPService", "HealthService", "InputForms", "JobDashboard", "JobOutput",
                "JobState",
                "Manifests",
                "Processes", "SpeechTypes", "SystemFaults", "WorkerCoordination", "ZeroMQ",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/StandInCluster"),
        .testTarget(
            name: "ClusterRuntimeTests",
            dependencies: [
                "TestProcesses", "ClusterProtocol", "ClusterRuntime", "ClusterSecurity",
                "Coordination", "Digests",
                "InputForms", "JobJournal",
                "JobOutput", "JobState", "LoopbackServers", "Manifests", "Processes",
                "ReservedPorts", "SpeechTypes",
                "StandInCluster",
                "Threading", "ZeroMQ",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "ClusterSecurityTests",
            dependencies: ["ClusterSecurity", "Processes", "ZeroMQ"]),
        .testTarget(
            name: "ProcessesTests", dependencies: ["Files", "Processes", "SystemErrors"]),
        .testTarget(
            name: "JobLaunchTests",
            dependencies: [
                "JobLaunch", "SpeechTypes", "StrictJSON",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "JobJournalTests",
            dependencies: [
                "ClusterProtocol", "Digests", "JobJournal", "JobState", "SpeechTypes",
                "TemporaryFolders",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(name: "ZeroMQTests", dependencies: ["ZeroMQ"]),
        // The arithmetic classes of this machine, each of which a test takes to a process of its own.
        .target(name: "EngineClasses", dependencies: ["Tensors"], path: "Tests/EngineClasses"),
        .testTarget(
            name: "TensorsTests",
            dependencies: ["CKernels", "EngineClasses", "PackedWeights", "Tensors"]),
        .testTarget(
            name: "LanguageModelsTests", dependencies: ["LanguageModels", "SpeechTypes"]),
        .testTarget(
            name: "LanguageModelBuildingTests",
            dependencies: [
                "LanguageModelBuilding", "LanguageModels", "Manifests", "SpeechTypes",
                "TemporaryFolders",
            ]),
        .testTarget(
            name: "CTCDecodingTests",
            dependencies: ["CTCDecoding", "LanguageModels", "NumPyArrays", "SpeechTypes"]),
        .testTarget(
            name: "TokenizerFilesTests",
            dependencies: [
                "CTCDecoding", "Checkpoints", "SpeechTypes", "StrictJSON", "TokenizerFiles",
            ]),
        .testTarget(
            name: "DecoderFilesTests",
            dependencies: [
                "DecoderFiles", "Digests", "SpeechTypes", "StrictJSON", "TemporaryFolders",
            ]),
        .testTarget(
            name: "RowSpansTests",
            dependencies: [
                "CTCDecoding", "RowSpans", "SpeechTypes", "VoiceActivity", "WindowCutting",
            ]),
        .testTarget(
            name: "RowFeaturesTests",
            dependencies: ["CTCDecoding", "RowFeatures", "SpeechTypes", "StrictJSON"]),
        .testTarget(
            name: "Wav2Vec2Tests",
            dependencies: [
                "AcousticModels", "Checkpoints", "EncoderBlocks", "EngineClasses", "MelEncoders",
                "MelFeatures", "SpeechTypes", "Tensors",
                "Threading", "Wav2Vec2",
            ]),
        .testTarget(
            name: "VoiceActivityTests",
            dependencies: [
                "Checkpoints", "SpeechTypes", "StrictJSON", "Tensors", "Threading",
                "VoiceActivity",
            ]),
        .testTarget(
            name: "GoldenTests",
            dependencies: [
                "AcousticModels", "CTCDecoding", "Checkpoints", "Digests", "EngineClasses",
                "Files", "ModelFamilies", "ModelLoading", "PackedWeights", "SpeechTypes",
                "StrictJSON", "TemporaryFolders", "Tensors", "Wav2Vec2", "WeightCache",
            ]),
        .testTarget(
            name: "ClusterProtocolTests",
            dependencies: ["ClusterProtocol", "Digests", "SpeechTypes"]),
        .testTarget(
            name: "CoordinationTests",
            dependencies: ["ClusterProtocol", "Coordination", "Digests", "JobState", "SpeechTypes"]),
        .testTarget(
            name: "JobStateTests", dependencies: ["Digests", "JobState", "SpeechTypes"]),
        .testTarget(
            name: "CoordinatorStateTests",
            dependencies: [
                "ClusterProtocol", "CoordinatorState", "Digests", "JobState", "SpeechTypes",
            ]),
        .testTarget(
            name: "WorkerCoordinationTests",
            dependencies: [
                "ClusterProtocol", "Digests", "JobState", "SpeechTypes", "WorkerCoordination",
            ]),
        .testTarget(
            name: "ClusterSimulationTests",
            dependencies: [
                "ClusterProtocol", "ClusterSimulation", "Digests", "JobState", "SpeechTypes",
            ]),
    ]
)

// Every Swift target is held to the same rules.
let cTargets: Set = [
    "CKernels", "CChecksums", "CChromaprint", "CElementConversion", "COneDNN", "COpenBLAS",
    "CPeakRates", "SystemFaults",
]
for target in package.targets where target.type != .system && !cTargets.contains(target.name) {
    target.swiftSettings =
        [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
        ] + (strict ? [.treatAllWarnings(as: .error)] : [])
}
