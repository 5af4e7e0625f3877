/// What both sides of the interface of PBTServer and PBTClient agree on.
package enum PBTCompatibility {
    /// The one population that a `PBTServer` serves.
    package static let population = "default"
}
