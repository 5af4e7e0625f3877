// swift-tools-version: 6.2
import PackageDescription

// Linux has the headers where the compiler looks, and libzmq's pkg-config file brings flags along
// that SwiftPM warns of.
#if os(Linux)
    let pkgConfig: String? = nil
#else
    let pkgConfig: String? = "libzmq"
#endif

// scripts/fuzz.sh builds its program with this set, and nobody else has anything to do with it.
let isFuzzing = Context.environment["MURMURATION_FUZZ"] != nil
// So does scripts/bench.sh, with this.
let isMeasuring = Context.environment["MURMURATION_BENCH"] != nil

let murmurDependencies: [Target.Dependency] = [
    "Coordinator", "Evolution", "HTTP", "Histories", "Messages", "Metrics", "Murmuration",
    "Plotting", "Simulation", "TensorBoard", "Web", "ZeroMQ",
    .product(name: "Logging", package: "swift-log"),
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
    .product(name: "Subprocess", package: "swift-subprocess"),
]

// libFuzzer brings the `main` of its program along, so that the command's is called otherwise there.
let murmur: Target =
    isFuzzing
    ? .target(
        name: "murmur", dependencies: murmurDependencies,
        swiftSettings: [
            .unsafeFlags(["-Xfrontend", "-entry-point-function-name", "-Xfrontend", "murmur_main"])
        ])
    : .executableTarget(name: "murmur", dependencies: murmurDependencies)

let fuzzedDependencies: [Target.Dependency] = [
    "Coordinator", "Histories", "Journal", "Messages", "Murmuration", "Plotting", "Records",
    "Simulation", "ZeroMQ", "murmur",
    .product(name: "GRDB", package: "GRDB.swift"),
]

let package = Package(
    name: "murmuration",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Murmuration", targets: ["Murmuration"]),
        .library(name: "Coordinator", targets: ["Coordinator"]),
        .executable(name: "murmur", targets: ["murmur"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CZeroMQ",
            pkgConfig: pkgConfig,
            providers: [.apt(["libzmq3-dev", "libsodium-dev"]), .brew(["zeromq", "libsodium"])]
        ),
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ"]),
        .target(name: "Evolution"),
        .target(
            name: "Messages",
            dependencies: [
                "Evolution",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]
        ),
        .target(name: "Records", dependencies: ["Evolution"]),
        .systemLibrary(name: "CStatfs"),
        .target(
            name: "Journal",
            dependencies: [
                "CStatfs", "Evolution", "Records",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "Coordinator",
            dependencies: [
                "Evolution", "Journal", "Messages", "Records", "ZeroMQ",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(name: "ClientMachine", dependencies: ["Messages"]),
        .target(
            name: "Simulation",
            dependencies: [
                "ClientMachine", "Coordinator", "Evolution", "Messages", "Records",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "HeapModule", package: "swift-collections"),
            ]
        ),
        .target(
            name: "Murmuration",
            dependencies: [
                "ClientMachine", "Evolution", "Messages", "ZeroMQ",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(name: "Histories", dependencies: ["Evolution", "Messages", "Murmuration"]),
        .target(
            name: "Plotting",
            dependencies: [
                "Histories", "Murmuration",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "Metrics",
            dependencies: [
                "Coordinator", "Evolution", "Journal", "Messages", "ZeroMQ",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "HTTP",
            dependencies: [.product(name: "FlyingSocks", package: "FlyingFox")]
        ),
        .target(
            name: "Web",
            dependencies: ["HTTP", "Histories", "Murmuration"],
            resources: [.embedInCode("Page")]
        ),
        .target(
            name: "TensorBoard",
            dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")]
        ),
        murmur,
        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(name: "ZeroMQTests", dependencies: ["TestSupport", "ZeroMQ"]),
        .testTarget(name: "EvolutionTests", dependencies: ["Evolution"]),
        .testTarget(name: "MessagesTests", dependencies: ["Messages"]),
        .testTarget(
            name: "JournalTests",
            dependencies: [
                "Journal", "Records", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "RecordsTests",
            dependencies: ["Evolution", "Journal", "Records", "Simulation", "TestSupport"]
        ),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "Coordinator", "Histories", "Journal", "Murmuration", "Records", "Simulation",
                "TestSupport", "murmur",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "MurmurationTests",
            dependencies: [
                "ClientMachine", "Murmuration", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "MetricsTests",
            dependencies: [
                "Coordinator", "Evolution", "Journal", "Metrics", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "TensorBoardTests",
            dependencies: [
                "TensorBoard", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]
        ),
        .testTarget(
            name: "MurmurTests",
            dependencies: [
                "Evolution", "Histories", "Messages", "Murmuration", "Plotting", "TensorBoard",
                "TestSupport", "murmur",
            ]
        ),
        .testTarget(name: "WebTests", dependencies: ["HTTP", "Web"]),
        .testTarget(
            name: "FuzzingTests", dependencies: fuzzedDependencies, path: "Fuzzing",
            exclude: ["Corpus"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

if isFuzzing {
    package.products = [.executable(name: "fuzz", targets: ["fuzz"])]
    package.targets.removeAll { $0.type == .test }
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: fuzzedDependencies,
            path: "Fuzzing/Targets",
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}

if isMeasuring {
    package.dependencies.append(
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"))
    package.products.append(.executable(name: "bench-load", targets: ["bench-load"]))
    package.targets.append(.systemLibrary(name: "CEpoll", path: "Benchmarks/CEpoll"))
    package.targets.append(
        .executableTarget(
            name: "bench-load",
            dependencies: [
                "CEpoll", "Coordinator", "Evolution", "Journal", "Messages", "Records", "ZeroMQ",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "Benchmarks/Load"))
}
