import Coordinator
import Journal

extension ScrapedPage {
    /// What a coordinator of this process tells.
    ///
    /// - Parameters:
    ///   - data: the directory of its journal.
    ///   - version: of the program.
    package init(of coordinator: Coordinator, data: String, version: String) {
        let process = ProcessMetrics()
        self.init {
            let statistics = await coordinator.statistics
            let own = statistics.map {
                CoordinatorMetrics(
                    $0, journal: JournalSizes(directory: data), version: version
                ).families
            }
            return (own ?? []) + process.families(ports: statistics?.ports ?? [])
        }
    }
}
