package io.mitune.app.docs;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.log.RecordSender;
import io.mitune.schemas.Connection;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executes the commands of the documentation in their order, page by page, but for those that a
 * {@link DocMark} excepts. All that is changed about them is in {@link SmallCommand} and {@link
 * Checkout}; a line with a program that is not installed is skipped.
 */
class DocsIT {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int AT_LEAST = 100;

    /** Part of a page's path: only that one, after the README, whose stream it looks at. */
    private static final String ONLY = System.getProperty("mitune.docs.page", "");

    private static final List<String> UP = List.of("up");

    @TempDir static Path folder;
    private static Session first; // the stream of `./mitune up`, which most pages look at
    private static Session session;
    private static Path page = Path.of("");
    private static int pages;

    @BeforeAll
    static void start() throws Exception {
        var nowhere = Place.of("", "", "");
        first = new Session(folder.resolve("up"), nowhere, "");
        session = first;
        first.mitune(UP);
        failOnce();
    }

    /** A request that makes no sense, so that there is a dead letter to look at. */
    private static void failOnce() {
        var at = first.place();
        var prefix = Topics.DEFAULT_PREFIX;
        var to = new Connection(at.get(Place.KAFKA), at.get(Place.REGISTRY), prefix, Map.of());
        var sampling =
                SamplingSettings.newBuilder()
                        .setScheduler("ddim")
                        .setNumInferenceSteps(1)
                        .setGuidanceScale(1)
                        .build();
        var request =
                PromptRequest.newBuilder()
                        .setPromptId("nonsense")
                        .setRun("nonsense")
                        .setRound(1)
                        .setRoundSize(1)
                        .setBatch("nonsense")
                        .setText("nothing")
                        .setPosition(0)
                        .setSeed(0)
                        .setCandidates(0)
                        .setKeep(1)
                        .setSampling(sampling)
                        .setRequestedAt(Instant.EPOCH)
                        .build();
        RecordSender.send(to, to.topics().prompts(), request.getPromptId(), request);
    }

    @AfterAll
    static void stop() throws Exception {
        if (session != first) {
            session.close();
        }
        first.close();
    }

    @TestFactory
    Stream<DynamicTest> everyCommandWorks() throws IOException {
        var commands = new ArrayList<DocCommand>();
        for (var file : Docs.pages()) {
            if (!file.equals(Docs.ROOT.resolve("README.md")) && !file.toString().contains(ONLY)) {
                continue;
            }
            DocPage.commands(file).stream()
                    .filter(c -> c.mark().isEmpty() && c.isMeantToRun())
                    .forEach(commands::add);
        }
        var said = new HashSet<String>();
        commands.removeIf(c -> !said.add(c.inBlock() ? c.toString() : c.text()));
        var least = ONLY.isEmpty() ? AT_LEAST : 1;
        assertTrue(commands.size() >= least, least + " commands or more: " + commands);
        return commands.stream().map(c -> DynamicTest.dynamicTest(c.toString(), () -> inTime(c)));
    }

    private static void inTime(DocCommand command) {
        assertTimeoutPreemptively(LIMIT, () -> execute(command));
    }

    private static void execute(DocCommand command) throws Exception {
        if (!command.page().equals(page)) {
            turnTo(command.page());
        }
        if (command.words().equals(UP)) {
            first.assertRuns(); // started before all others, with the same words
        } else if (command.isPlain()) {
            session.mitune(command.words());
        } else if (command.text().startsWith("export ")) {
            var words = ShellWords.of(command.text());
            session.export(words.subList(1, words.size()));
        } else {
            session.shell(command.text());
        }
    }

    private static void turnTo(Path next) throws Exception {
        page = next;
        var last = session;
        session = new Session(folder.resolve("page" + pages++), first.place(), first.page());
        if (last != first) {
            last.close();
        }
    }
}
