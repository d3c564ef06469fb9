package io.mitune.app.tap;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** How records are printed. One object for one tap. */
interface TapFormat {
    /** Lines before the first record. */
    List<String> header();

    /** One record, without a line break at its end. */
    String line(JsonNode record);

    /** One JSON object a line. */
    record JsonLines() implements TapFormat {
        @Override
        public List<String> header() {
            return List.of();
        }

        @Override
        public String line(JsonNode record) {
            return record.toString();
        }
    }
}
