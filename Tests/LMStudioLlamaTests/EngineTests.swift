import Testing

/// Tests that run models, one after another: each engine takes all cores.
@Suite(.serialized) enum EngineTests {}
