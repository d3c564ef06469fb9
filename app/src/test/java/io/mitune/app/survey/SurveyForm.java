package io.mitune.app.survey;

import io.mitune.app.web.HttpProbe;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

/** The form of a question, sent as a browser does: with what the page hides in it. */
public final class SurveyForm {
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"(\\w+)\" value=\"(\\w+)\">");

    private SurveyForm() {}

    /**
     * @param address of the question's page
     * @param choice such as {@code choice=0}, or empty
     */
    public static HttpResponse<String> send(HttpProbe http, String address, String choice) {
        return http.form(address, hidden(http, address) + choice);
    }

    /** What the page hides, to be followed by a choice. */
    static String hidden(HttpProbe http, String address) {
        var hidden = HIDDEN.matcher(http.get(address).body());
        return hidden.find() ? hidden.group(1) + "=" + hidden.group(2) + "&" : "";
    }
}
