// The values of the core are part of this module's interface.
@_exported public import LMStudioCore
