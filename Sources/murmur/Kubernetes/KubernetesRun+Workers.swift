extension KubernetesRun {
    /// Each worker is the command itself, so that `kubectl logs` shows what it prints, and SIGTERM
    /// reaches it. Kubernetes starts again what fails or is evicted.
    var workersJob: String {
        """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: \(name)-workers
        spec:
          parallelism: \(workers)
          completions: \(workers)
          # A worker that is started in another's stead has its place, and takes over its member.
          completionMode: Indexed
          # Evictions do not count; a command that fails everywhere ends the job.
          backoffLimit: \(workers * Self.failures)
          podFailurePolicy:
            rules:
              - action: Ignore
                onPodConditions:
                  - type: DisruptionTarget
                    status: "True"
          template:
            spec:
              automountServiceAccountToken: false
              restartPolicy: Never
              terminationGracePeriodSeconds: \(grace)
              # Otherwise a command that does not handle SIGTERM would not end by it.
              shareProcessNamespace: true
              initContainers:
                - name: wait
                  image: \(quoted(image))
                  command: \(quoted(["sh", "-c", "until murmur leaderboard \(name) >/dev/null; do sleep 5; done"]))
                  env:
        \(environment(of: coordinator, indent: 12))
              containers:
                - name: worker
                  image: \(quoted(image))
                  command: \(quotedCommand(command))
                  env:
        \(environment(of: coordinator, indent: 12))
                    - name: INDEX
                      valueFrom:
                        fieldRef:
                          fieldPath: metadata.annotations['batch.kubernetes.io/job-completion-index']
                    - name: MURMUR_PLACE
                      value: \(name)-workers/$(INDEX)
                    - name: MURMUR_CHECKPOINTS
                      value: \(quoted(checkpointsPlace.replacing("$", with: "$$")))
        \(resources)\(volumes)
        """
    }

    /// How often as many workers as there are may fail.
    private static let failures = 5
    /// Those that Kubernetes lets an indexed Job have.
    static let mostWorkers = 100_000

    private var resources: String {
        let wanted = [
            cpus.map { "cpu: \(quoted($0))" }, memory.map { "memory: \(quoted($0))" },
            gpus.map { "nvidia.com/gpu: \($0)" },
        ].compactMap { $0 }
        guard !wanted.isEmpty else { return "" }
        // A processor more does no harm, and memory that is not there ends the worker.
        let limits = wanted.filter { !$0.hasPrefix("cpu") }
        let lines = ["resources:", "  requests:"] + wanted.map { "    \($0)" }
        let most = limits.isEmpty ? [] : ["  limits:"] + limits.map { "    \($0)" }
        return (lines + most).joined(separator: "\n").indented(10) + "\n"
    }

    private var volumes: String {
        guard case .claim(let claim) = checkpoints else { return "" }
        let mounts = """
            volumeMounts:
              - name: checkpoints
                mountPath: \(Self.checkpointsDirectory)
            """
        let volumes = """
            volumes:
              - name: checkpoints
                persistentVolumeClaim:
                  claimName: \(quoted(claim))
            """
        return mounts.indented(10) + "\n" + volumes.indented(6) + "\n"
    }
}
