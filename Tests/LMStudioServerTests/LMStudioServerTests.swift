import LMStudioServer
import LMStudioTesting
import Testing

@Suite struct LMStudioServerTests {
}
