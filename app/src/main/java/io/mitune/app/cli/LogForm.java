package io.mitune.app.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;

/** How log lines look: as logback.xml says, or as JSON objects. */
enum LogForm {
    TEXT,
    JSON;

    private static final String APPENDER = "stderr";

    /** The form of this name. */
    static LogForm of(String name) {
        return switch (name) {
            case "text" -> TEXT;
            case "json" -> JSON;
            default -> throw new UserError("--log-format: expected text or json, found " + name);
        };
    }

    /** Sets it up; text is what logback starts with. */
    void apply(LoggerContext context) {
        var appender = context.getLogger("ROOT").getAppender(APPENDER);
        if (this == TEXT || !(appender instanceof OutputStreamAppender<ILoggingEvent> stream)) {
            return;
        }
        var json = new JsonEncoder();
        json.setContext(context);
        json.setWithSequenceNumber(false);
        json.setWithNanoseconds(false);
        json.setWithContext(false);
        json.setWithMessage(false);
        json.setWithFormattedMessage(true);
        json.setWithArguments(false);
        json.start();
        stream.setEncoder(json);
    }
}
