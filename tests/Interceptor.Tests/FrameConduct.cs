namespace Wakegate.Interceptor.Tests;

/// <summary>What a <c>FramePod</c> does with a request.</summary>
public enum FrameConduct
{
    /// <summary>200 without a body, when all of the request has come.</summary>
    Answer,

    /// <summary>The same when its headers have come; its body is not read, and nothing ends it.</summary>
    AnswerAtOnce,

    /// <summary>RST_STREAM with REFUSED_STREAM: it has not looked at it.</summary>
    Refuse,

    /// <summary>RST_STREAM with INTERNAL_ERROR before any answer.</summary>
    Reset,

    /// <summary>The same behind headers and a part of the body.</summary>
    ResetWithinTheAnswer,

    /// <summary>GOAWAY that names a stream before it as the last: it has not looked at it.</summary>
    GoAwayBefore,

    /// <summary>GOAWAY that names it as the last, and the end of the connection.</summary>
    GoAwayAfter,

    /// <summary>The end of the connection.</summary>
    Close,
}
