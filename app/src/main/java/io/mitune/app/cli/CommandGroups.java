package io.mitune.app.cli;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** Lists the sub-commands in the help by purpose, because one alphabet of twenty says nothing. */
public final class CommandGroups {
    private static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

    static {
        GROUPS.put("The whole job in one process", List.of("demo", "up"));
        GROUPS.put("A cluster on loopback", List.of("broker", "registry"));
        GROUPS.put("Without Kafka", List.of("generate", "evaluate", "score"));
        GROUPS.put("Roles of the stream", List.of("publish", "worker", "curate", "train"));
        GROUPS.put(
                "Looking and steering",
                List.of(
                        "dashboard",
                        "status",
                        "report",
                        "tensorboard",
                        "survey",
                        "topics",
                        "tap",
                        "adapters",
                        "run",
                        "policy",
                        "recurate",
                        "dlq",
                        "blobs",
                        "export"));
        GROUPS.put("The command line itself", List.of("completion", "man"));
    }

    private CommandGroups() {}

    /** Makes the help of this command list its sub-commands in groups. */
    public static void install(CommandLine line) {
        line.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        line.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST, CommandGroups::render);
    }

    private static String render(Help help) {
        var left = new LinkedHashMap<>(help.subcommands());
        var text = new StringBuilder();
        GROUPS.forEach((title, names) -> section(text, title, take(left, names)));
        section(text, "Other", List.copyOf(left.values()));
        return text.toString();
    }

    private static List<Help> take(Map<String, Help> left, List<String> names) {
        var found = new ArrayList<Help>();
        for (var name : names) {
            var help = left.remove(name);
            if (help != null) {
                found.add(help);
            }
        }
        return found;
    }

    private static void section(StringBuilder text, String title, List<Help> commands) {
        if (commands.isEmpty()) {
            return;
        }
        text.append(String.format("%n%s:%n", title));
        for (var command : commands) {
            var usage = command.commandSpec().usageMessage();
            var line = usage.description().length == 0 ? "" : usage.description()[0];
            text.append(String.format("  %-11s %s%n", command.commandSpec().name(), line));
        }
    }
}
