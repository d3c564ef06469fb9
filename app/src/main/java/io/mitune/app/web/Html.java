package io.mitune.app.web;

/** Text from outside in pages that are put together here. Stateless. */
public final class Html {
    private Html() {}

    /** Text that is safe between tags and inside double quotes. */
    public static String text(String raw) {
        return raw.replaceAll("\\p{Cntrl}", " ")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
