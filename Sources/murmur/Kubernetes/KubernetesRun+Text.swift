import Foundation

extension KubernetesRun {
    /// All objects, for `kubectl apply`.
    var text: String {
        [heading, secretText, spaceText, service, statefulSet, populationJob, workersJob]
            .joined(separator: "---\n")
    }

    private var heading: String {
        """
        # The population \(name) on Kubernetes: one coordinator, and \(workers) workers.
        #
        #   kubectl apply -f run.yaml
        #   kubectl exec \(coordinator)-0 -- murmur leaderboard
        #   kubectl logs job/\(name)-workers
        #   kubectl delete -f run.yaml        the journal stays, in a claim of \(coordinator)-0
        #
        # It holds the run's secret: whoever reads it may do everything to the population.
        #
        # \(checkpointsNote)

        """
    }

    private var checkpointsNote: String {
        switch checkpoints {
        case .address:
            "Checkpoints go to \(quoted(checkpointsPlace)); the workers need the store's credentials."
        case .claim(let claim):
            "Checkpoints go to the claim \(quoted(claim)), whose volume every node must be able to write to."
        }
    }

    private var secretText: String {
        """
        apiVersion: v1
        kind: Secret
        metadata:
          name: \(name)-secret
        stringData:
          secret: \(quoted(secret))

        """
    }

    private var spaceText: String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: \(name)-space
        data:
          \(spaceFile): \(isPlain(space.text) ? block(space.text) : quoted(space.text))

        """
    }

    /// What a block of YAML would change, or could not hold: other line ends than a new line, and what
    /// cannot be printed.
    private func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || !Self.isEscaped($0) }
    }

    private func block(_ text: String) -> String {
        "|2\n" + text.indented(4)
    }

    private var service: String {
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: \(coordinator)
        spec:
          selector:
            app: \(coordinator)
          ports:
            - name: workers
              port: \(Self.port)
            - name: boards
              port: \(Self.port + 1)

        """
    }

    private var statefulSet: String {
        """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: \(coordinator)
        spec:
          serviceName: \(coordinator)
          replicas: 1
          selector:
            matchLabels:
              app: \(coordinator)
          template:
            metadata:
              labels:
                app: \(coordinator)
            spec:
              automountServiceAccountToken: false
              containers:
                - name: coordinator
                  image: \(quoted(image))
                  command: \(quoted(["murmur", "serve", "--host", "0.0.0.0", "--port", "\(Self.port)", "--data", "/data/run"]))
                  env:
        \(environment(of: "127.0.0.1", indent: 12))
                  ports:
                    - name: workers
                      containerPort: \(Self.port)
                    - name: boards
                      containerPort: \(Self.port + 1)
                  # A long journal is read before it answers.
                  startupProbe:
        \(probe(period: 5, failures: 120))
                  readinessProbe:
        \(probe(period: 10, failures: 3))
                  livenessProbe:
        \(probe(period: 30, failures: 5, isOfLife: true))
                  resources:
                    requests:
                      cpu: 500m
                      memory: 512Mi
                  volumeMounts:
                    - name: data
                      mountPath: /data
          volumeClaimTemplates:
            - metadata:
                name: data
              spec:
                accessModes: ["ReadWriteOnce"]
                resources:
                  requests:
                    storage: \(quoted(storage))

        """
    }

    /// - Parameter isOfLife: A new start frees no disk, so a full one does not call for it.
    private func probe(period: Int, failures: Int, isOfLife: Bool = false) -> String {
        """
        exec:
          command: \(quoted(["murmur", "health"] + (isOfLife ? ["--live"] : [])))
        periodSeconds: \(period)
        timeoutSeconds: 10
        failureThreshold: \(failures)
        """.indented(12)
    }

    /// It may already be there, with all that was trained, when the objects are applied again.
    private var populationJob: String {
        """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: \(name)-population
        spec:
          backoffLimit: 20
          template:
            spec:
              automountServiceAccountToken: false
              restartPolicy: OnFailure
              containers:
                - name: create
                  image: \(quoted(image))
                  command: \(quotedCommand(["sh", "-c", "murmur leaderboard \(name) >/dev/null || exec \"$@\"", "sh"]))
                  args: \(quoted(creation))
                  env:
        \(environment(of: coordinator, indent: 12))
                  volumeMounts:
                    - name: space
                      mountPath: /space
              volumes:
                - name: space
                  configMap:
                    name: \(name)-space

        """
    }

    /// Where a container finds the coordinator, without the secret in the object's text.
    func environment(of host: String, indent: Int) -> String {
        """
        - name: MURMUR_SECRET
          valueFrom:
            secretKeyRef:
              name: \(name)-secret
              key: secret
        - name: MURMUR_URL
          value: murmur://$(MURMUR_SECRET)@\(host):\(Self.port)/\(name)
        """.indented(indent)
    }

    /// A command as it is. Kubernetes takes `$(NAME)` in it for a variable, and `$$` for one `$`.
    func quotedCommand(_ words: [String]) -> String {
        quoted(words.map { $0.replacing("$", with: "$$") })
    }

    /// Text of JSON is text of YAML too, once all is escaped in it that YAML does not print.
    func quoted(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("texts can be written as JSON")
        }
        return String(decoding: data, as: UTF8.self).unicodeScalars
            .map { Self.isEscaped($0) ? "\\u" + hexadecimal($0) : String($0) }
            .joined()
    }

    private func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}

extension String {
    func indented(_ spaces: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { String(repeating: " ", count: spaces) + $0 }
            .joined(separator: "\n")
    }
}
