import Records

extension Journal: Storage {}
