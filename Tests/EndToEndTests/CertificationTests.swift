import Foundation
import TestProcesses
import Testing

/// oneDNN with a fault: the first number of each product is one bit off, so that results depend on where a row stands.
private struct FaultyLibrary {
    let folder: String

    /// Nil where oneDNN is not installed.
    init?(in scratch: Scratch) throws {
        let listing = try StartedProcess.run("/sbin/ldconfig", ["-p"])
        let line = String(decoding: listing.output, as: UTF8.self).split(separator: "\n").first {
            $0.contains("libdnnl.so.")
        }
        guard let path = line?.split(separator: " ").last.map(String.init) else { return nil }
        folder = scratch.path("faulty")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let source = scratch.path("faulty.c")
        try Data(Self.code(forwardingTo: path).utf8).write(to: URL(fileURLWithPath: source))
        let compiler = try StartedProcess.run(
            "clang", ["-shared", "-fPIC", "-o", "\(folder)/\(name)", source, "-ldl"])
        try #require(compiler.status == 0, "clang comes with Swift")
    }

    /// Of both major versions; those that the library lacks are never called.
    private static let functions = [
        "version", "set_max_cpu_isa", "engine_create", "stream_create", "stream_wait",
        "stream_destroy", "primitive_attr_create", "primitive_attr_destroy",
        "primitive_attr_set_scratchpad_mode", "primitive_desc_destroy", "primitive_desc_query_md",
        "primitive_create", "primitive_destroy", "memory_create", "memory_destroy",
        "memory_desc_get_size", "memory_desc_equal", "memory_desc_init_by_strides",
        "memory_desc_init_by_tag", "matmul_desc_init", "primitive_desc_create",
        "reorder_primitive_desc_create", "memory_desc_create_with_strides",
        "memory_desc_create_with_tag", "memory_desc_destroy", "memory_desc_clone",
        "matmul_primitive_desc_create",
    ]

    private static func code(forwardingTo path: String) -> String {
        """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #define HIDDEN __attribute__((visibility("hidden")))
        #define FORWARD(name)                                                                   \\
            HIDDEN void *real_##name;                                                           \\
            __asm__(".text\\n.globl dnnl_" #name "\\ndnnl_" #name ": jmp *real_" #name "(%rip)\\n");
        \(functions.map { "FORWARD(\($0))" }.joined(separator: "\n"))
        struct argument { int role; void *memory; };
        static int (*execute)(void *, void *, int, const struct argument *);
        static int (*handle)(const void *, void **);
        __attribute__((constructor)) static void open_real(void) {
            void *library = dlopen("\(path)", RTLD_NOW | RTLD_LOCAL);
        \(functions.map { "    real_\($0) = dlsym(library, \"dnnl_\($0)\");" }.joined(separator: "\n"))
            execute = dlsym(library, "dnnl_primitive_execute");
            handle = dlsym(library, "dnnl_memory_get_data_handle");
        }
        int dnnl_primitive_execute(void *primitive, void *stream, int count, const struct argument *arguments) {
            int status = execute(primitive, stream, count, arguments), is_product = 0;
            for (int i = 0; i < count; i++) is_product |= arguments[i].role == 33;
            for (int i = 0; i < count && is_product; i++) {
                unsigned *values;
                if (arguments[i].role == 17 && !handle(arguments[i].memory, (void **)&values)) values[0] ^= 1;
            }
            return status;
        }
        """
    }
}

@Suite("Arithmetic classes on trial")
struct CertificationTests {
    private func transcribe(
        _ scratch: Scratch, _ name: String, _ options: [String], environment: [String: String]
    ) throws -> (result: Program.Result, report: String) {
        let out = scratch.path("\(name).jsonl")
        let result = try Program.run(
            [
                "transcribe", Examples.manifest, "--model", Examples.model, "-o", out, "--threads",
                "1",
            ] + options, environment: environment)
        let report = try? String(contentsOfFile: "\(out).report.json", encoding: .utf8)
        return (result, report ?? "")
    }

    @Test("a library whose products depend on where a row stands is not offered")
    func faultyLibrary() throws {
        #if arch(x86_64)
            let scratch = try Scratch()
            guard let library = try FaultyLibrary(in: scratch) else { return }
            let cache = ["XDG_CACHE_HOME": scratch.path("cache")]
            let sound = try transcribe(
                scratch, "sound", ["--precision", "fp32"], environment: cache)
            #expect(sound.result.status == 0, "\(sound.result.errors)")
            #expect(sound.report.contains("/onednn-"))
            let faulty = cache.merging(["LD_LIBRARY_PATH": library.folder]) { $1 }
            // The cache knows the sound library; the other file is tried anew.
            let asked = try transcribe(
                scratch, "asked", ["--precision", "fp32"], environment: faulty)
            #expect(asked.result.status != 0)
            #expect(asked.result.errors.contains("depend on where a row stands"))
            // From then on the next class is taken.
            let next = try transcribe(
                scratch, "next", ["--precision", "fp32"], environment: faulty)
            #expect(next.result.status == 0, "\(next.result.errors)")
            #expect(next.report.contains("/openblas-"))
            #expect(next.result.errors.contains("is not offered here"))
            // Without a cache as well.
            let bare = try transcribe(
                scratch, "bare", ["--precision", "fp32"],
                environment: [
                    "LD_LIBRARY_PATH": library.folder, "XDG_CACHE_HOME": "/dev/null/none",
                ]
            )
            #expect(bare.result.status == 0, "\(bare.result.errors)")
            #expect(bare.report.contains("/openblas-"))
        #endif
    }

    @Test("the doctor says which classes pass, and a trial with other words is refused")
    func doctor() throws {
        let scratch = try Scratch()
        let result = try Program.run(
            ["doctor", "--model", Examples.model],
            environment: ["XDG_CACHE_HOME": scratch.path("cache")])
        #expect(result.output.contains("fp32/"))
        #expect(result.output.contains(" pass"))
        #expect(try Program.run(["certify-arithmetic", "fp32", "none", "x"]).status == 64)
    }
}
