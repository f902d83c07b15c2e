import RemoteAudio
import Testing

@Suite("Settings of object stores") struct ObjectStoreTests {
    private let files = [
        "/home/a/.aws/credentials": """
        [default]
        aws_access_key_id = AKDEFAULT
        aws_secret_access_key = secret
        # a remark
        [archive]
        aws_access_key_id=AKARCHIVE
        aws_secret_access_key=other
        aws_session_token = token
        """,
        "/home/a/.aws/config": """
        [default]
        region = eu-west-1
        [profile archive]
        region = eu-north-1
        s3 =
          addressing_style = path
        endpoint_url = https://store.example.org/
        [profile virtual]
        s3 =
          max_queue_size = 100
          addressing_style = virtual
        endpoint_url = https://store.example.org/
        """,
    ]

    private func store(_ variables: [String: String]) -> ObjectStore {
        ObjectStore(
            variable: { variables[$0] ?? ($0 == "HOME" ? "/home/a" : nil) }, file: { files[$0] })
    }

    @Test("keys, region and endpoint are those of the profile, and the environment's before them")
    func precedence() {
        let usual = store([:])
        #expect(usual.accessKey == "AKDEFAULT" && usual.secretKey == "secret")
        #expect(usual.region == "eu-west-1" && usual.endpoint == nil)
        let archive = store(["AWS_PROFILE": "archive"])
        #expect(archive.accessKey == "AKARCHIVE" && archive.sessionToken == "token")
        #expect(archive.region == "eu-north-1")
        #expect(archive.endpoint == "https://store.example.org")
        let set = store([
            "AWS_PROFILE": "archive", "AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_REGION": "x-1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000//",
        ])
        #expect(set.accessKey == "AK" && set.secretKey == "s" && set.sessionToken.isEmpty)
        #expect(set.region == "x-1" && set.endpoint == "http://127.0.0.1:9000")
        #expect(!set.paysForRequests && !set.namesBucketInHost)
        #expect(store(["AWS_REQUEST_PAYER": "requester"]).paysForRequests)
        #expect(store(["AWS_PROFILE": "virtual"]).namesBucketInHost)
        let none = store(["HOME": "/nobody"])
        #expect(none.accessKey.isEmpty && none.region == "us-east-1")
    }
}
