package import ArgumentParser
package import RemoteAudio

/// What may be fetched from elsewhere.
package struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Fetch audio of addresses that begin so; may be repeated.",
            discussion: """
                s3://bucket/talks/, https://example.org/, https://*.example.org/ (every host below the domain), \
                s3://* (every bucket). Nothing else is fetched, wherever a server leads to. Keys and the region of \
                object stores are those of AWS's own tools (AWS_ACCESS_KEY_ID, ~/.aws/credentials, AWS_PROFILE, \
                AWS_ENDPOINT_URL_S3). Workers of other machines need the same patterns.
                """,
            valueName: "pattern"))
    package var allowSource: [SourcePattern] = []

    @OptionGroup package var keys: StoreKeyOptions

    package init() {}
}

/// Where keys of object stores come from.
package struct StoreKeyOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Ask services of this machine and of AWS for keys of object stores, where there are none.",
            discussion: """
                The roles of machines, containers and pods (their metadata endpoints), and single sign-on after \
                aws sso login. Workers of other machines need it themselves.
                """))
    package var allowMetadataEndpoint = false

    package init() {}
}

extension SourcePattern: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
