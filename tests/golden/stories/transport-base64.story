downbeat trace 2 {}
# A client that cannot take bytes asks for base64: what is binary comes to it as text, and so it
# may send it.
> websocket 1 &b64=1
> text 1 40
> text 1 42["session:create",{"name":"Ada"}]
> websocket 2
> text 2 40
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+10 > text 2 451-["session:event",{"type":"wave","data":{"_placeholder":true,"num":0}}]
> binary 2 {"base64":"AP8="}
? send 1 451-
? send 1 bAP8=
! send-binary
+10 > text 1 451-["session:event",{"type":"wave","data":{"_placeholder":true,"num":0}}]
> text 1 b/wA=
? send-binary 2 "/wA="
# What is no base64 is no packet.
+10 > text 1 451-["session:event",{"type":"wave","data":{"_placeholder":true,"num":0}}]
> text 1 b!!!
? close 1 1005
? parse error
