package io.mitune.app.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/** A request that is refused: a status and everything that is wrong with it. Immutable. */
public final class WebException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient List<Problem> problems;

    /** One thing is wrong. */
    public WebException(int status, Problem problem) {
        this(status, List.of(problem));
    }

    /** These are wrong, at least one. */
    public WebException(int status, List<Problem> problems) {
        super(problems.stream().map(Problem::text).collect(Collectors.joining("; ")));
        this.status = status;
        this.problems = List.copyOf(problems);
    }

    int status() {
        return status;
    }

    /** The first problem, and all of them where there are several. */
    ObjectNode json() {
        var json = problems.get(0).json();
        if (problems.size() > 1) {
            var all = json.putArray("errors");
            problems.forEach(problem -> all.add(problem.json()));
        }
        return json;
    }
}
