/// What both sides of the seed's interface, `PBTServer` and `PBTClient`, agree on.
package enum Seed {
    /// The one population that a `PBTServer` serves.
    package static let population = "default"
}
