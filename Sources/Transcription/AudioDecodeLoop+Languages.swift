internal import Manifests
internal import SpeechTypes

extension AudioDecodeLoop {
    /// The same with the recipe of the row's language, where rows name theirs; nil where that is none of the
    /// model's, and the row has failed.
    func inLanguage(of row: ManifestRow, _ task: RowTask) -> AudioDecodeLoop? {
        guard let languages else { return self }
        var loop = self
        do throws(RowLanguages.Fault) {
            loop.recipe = try languages.recipe(of: row)
        } catch {
            emit(
                .failed(
                    FailedRow(
                        ordinal: task.ordinal, failureClass: error.failureClass, code: error.code,
                        detail: error.detail)))
            return nil
        }
        return loop
    }
}
