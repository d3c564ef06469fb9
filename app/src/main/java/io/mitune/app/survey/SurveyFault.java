package io.mitune.app.survey;

/** A request of a person that cannot be answered: a status and a sentence to read. Immutable. */
final class SurveyFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    SurveyFault(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    int status() {
        return status;
    }
}
