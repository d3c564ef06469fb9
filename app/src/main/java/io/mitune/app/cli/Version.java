package io.mitune.app.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar, and the JVM it runs on. Stateless. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        var java = System.getProperty("java.vm.name") + " " + Runtime.version();
        return new String[] {"mitune " + ours(), java};
    }

    /** Our own version, or "development" when the classes do not come from a jar. */
    public static String ours() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
